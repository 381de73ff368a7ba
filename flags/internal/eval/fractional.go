package eval

import "math"

// bucket is one share of a fractional rollout.
type bucket struct {
	variant node
	weight  node // nil: 1
	list    node // instead of both: an expression that should give [variant, weight]
}

// fractionalNode is fractional, flagd's percentage rollout in version 2:
// bucket = hash × total >> 32, MurmurHash3 of the bucketing key, or of flag key
// and targeting key together. Version 3 hashes the keys' CBOR encoding, see
// cbor.go. https://flagd.dev/reference/custom-operations/fractional-operation/
type fractionalNode struct {
	key     node // nil: no bucketing key is given
	buckets []bucket
	version int
	sums    []int64 // of the weights up to each bucket, if they are literals
}

// maxWeight bounds a single weight and the sum of all.
const maxWeight = math.MaxInt32

// prepare adds up weights that are literals, as they usually are.
func (n *fractionalNode) prepare() {
	sums := make([]int64, len(n.buckets))
	var total int64
	for i, b := range n.buckets {
		weight := Value{}
		if l, ok := b.weight.(*literal); ok {
			weight = l.value
		} else if b.weight != nil || b.list != nil {
			return
		}
		shares, ok := weightOf(weight)
		if !ok {
			return
		}
		total += shares
		sums[i] = total
	}
	if len(sums) > 0 {
		n.sums = sums
	}
}

func (n *fractionalNode) eval(e *env) Value {
	if n.sums != nil {
		if chosen := n.choose(e); chosen != nil {
			return scalarOnly(eval(chosen, e))
		}
		return Value{}
	}
	hash, first, ok := n.hash(e)
	if !ok {
		return Value{}
	}
	return n.among(e, hash, first)
}

// choose returns the bucket's variant to take; nil for null. It is for weights
// that are literals.
func (n *fractionalNode) choose(e *env) node {
	var hash uint32
	if n.key == nil && n.version == bucketingMurmur { // what follows, in the usual case
		key := e.targetingKey()
		if key.kind != kindString || key.str == "" {
			return nil
		}
		hash = murmur3Pair(e.flag, key.str)
	} else {
		var first Value
		var ok bool
		if hash, first, ok = n.hash(e); !ok {
			return nil
		}
		if first.kind == kindList { // a bucket more
			return &literal{n.among(e, hash, first)}
		}
	}
	at, ok := place32(hash, n.sums[len(n.sums)-1])
	if !ok {
		return nil
	}
	for i, sum := range n.sums {
		if at < sum {
			return n.buckets[i].variant
		}
	}
	return nil
}

// place32 is where a hash falls among a total of shares.
func place32(hash uint32, total int64) (int64, bool) {
	if total <= 0 || total > maxWeight {
		return 0, false
	}
	return int64(uint64(hash) * uint64(total) >> 32), true
}

// among works out all weights, and takes the share that the hash falls on.
func (n *fractionalNode) among(e *env, hash uint32, first Value) Value {
	shares := make([]share, 0, len(n.buckets)+1)
	var total int64
	if first.kind == kindList {
		weight, ok := weightOf(itemAt(first, 1))
		if !ok || len(first.items()) == 0 {
			return Value{}
		}
		shares = append(shares, share{variant: itemAt(first, 0), weight: weight})
		total += weight
	}
	for i := range n.buckets {
		weight, value, ok := n.buckets[i].resolve(e)
		if !ok {
			return Value{}
		}
		shares = append(shares, share{bucket: &n.buckets[i], variant: value, weight: weight})
		total += weight
	}
	at, ok := place32(hash, total)
	if !ok {
		return Value{}
	}
	var sum int64
	for _, s := range shares {
		if sum += s.weight; at < sum {
			return s.result(e)
		}
	}
	return Value{}
}

// share is a bucket with its weight worked out.
type share struct {
	bucket  *bucket
	variant Value // if bucket is nil or was a list expression
	weight  int64
}

func (s share) result(e *env) Value {
	v := s.variant
	if s.bucket != nil && s.bucket.list == nil {
		v = eval(s.bucket.variant, e)
	}
	return scalarOnly(v)
}

// scalarOnly is null for what cannot name a variant.
func scalarOnly(v Value) Value {
	if v.kind == kindList || v.kind == kindObject {
		return Value{}
	}
	return v
}

func (b *bucket) resolve(e *env) (weight int64, variant Value, ok bool) {
	if b.list != nil {
		v := eval(b.list, e)
		if len(v.items()) == 0 {
			return 0, Value{}, false
		}
		weight, ok = weightOf(itemAt(v, 1))
		return weight, itemAt(v, 0), ok
	}
	if b.weight == nil {
		return 1, Value{}, true
	}
	weight, ok = weightOf(eval(b.weight, e))
	return weight, Value{}, ok
}

func itemAt(v Value, i int) Value {
	if items := v.items(); i < len(items) {
		return items[i]
	}
	return Value{}
}

// weightOf is a whole number of shares: 1 for null, 0 for a negative one.
func weightOf(v Value) (int64, bool) {
	switch {
	case v.kind == kindNull:
		return 1, true
	case v.kind != kindNumber || v.num != math.Trunc(v.num) || v.num > maxWeight:
		return 0, false
	}
	return int64(max(v.num, 0)), true
}

// hash works out the hash of the bucketing key; a key that is a list is not
// one, but the first bucket.
func (n *fractionalNode) hash(e *env) (hash uint32, first Value, ok bool) {
	var key Value
	if n.key != nil {
		key = eval(n.key, e)
	}
	if key.kind == kindList {
		first, key = key, Value{}
	}
	if n.version == bucketingCBOR {
		hash, ok = n.hashCBOR(e, key)
		return hash, first, ok
	}
	switch key.kind {
	case kindString:
		return murmur3(key.str), first, true
	case kindNull:
		targetingKey := e.targetingKey()
		if targetingKey.kind != kindString || targetingKey.str == "" {
			return 0, first, false
		}
		return murmur3Pair(e.flag, targetingKey.str), first, true
	default:
		return 0, first, false
	}
}
