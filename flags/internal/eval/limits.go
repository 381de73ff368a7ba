package eval

// Limits bound what a document may cost. Compile holds a document to the
// first three; MaxSteps holds at every evaluation.
type Limits struct {
	MaxFlags     int // in one document; more refuse it
	MaxRuleNodes int // expressions in one flag's targeting, references counted each time; more quarantine the flag
	MaxRuleCost  int // expressions that one evaluation may reach at most, a list from the context counted as 100 elements; more quarantine the flag
	MaxSteps     int // iterations, and bytes or elements made, of one evaluation; more fail it with PARSE_ERROR
}

// DefaultLimits admits a document of 10,000 flags.
func DefaultLimits() Limits {
	return Limits{MaxFlags: 20_000, MaxRuleNodes: 2_000, MaxRuleCost: 10_000, MaxSteps: 100_000}
}

// contextListLength is what a list of unknown length counts as.
const contextListLength = 100

// Problem is one thing wrong with a document.
type Problem struct {
	Flag         string // "" for the document or an evaluator
	Path         string // as in flags.new-cart.targeting.if[0]
	Line, Column int    // both from 1
	Reason       string // what is wrong and what would be right
	Warning      bool   // the document works as it is
}
