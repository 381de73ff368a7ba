package flags_test

import (
	"context"
	"fmt"

	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/isolated"

	"github.com/evenkeel-go/evenkeel/flags"
)

const shop = `{
  "flags": {
    "new-cart": {
      "state": "ENABLED",
      "variants": {"on": true, "off": false},
      "defaultVariant": "off",
      "targeting": {"if": [{"==": [{"var": "country"}, "de"]}, "on"]}
    },
    "limit": {"state": "ENABLED", "variants": {"low": 10, "high": 100}, "defaultVariant": "low"}
  }
}`

func Example() {
	ctx := context.Background()
	set, err := flags.Static([]byte(shop)) // a service opens it with flags.Open
	if err != nil {
		fmt.Println(err)
		return
	}
	defer set.Close(ctx)

	user := flags.NewContext("user-42", flags.StringAttr("country", "de"))
	fmt.Println(set.Bool(ctx, "new-cart", false, user))
	fmt.Println(set.Int(ctx, "limit", 5, user))

	details := set.BoolDetails(ctx, "new-car", false, user)
	fmt.Println(details.Value, details.Reason, details.ErrorCode)
	// Output:
	// true
	// 10
	// false ERROR FLAG_NOT_FOUND
}

func ExampleSet_Updates() {
	ctx := context.Background()
	set, err := flags.Static([]byte(shop))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer set.Close(ctx)

	for update := range set.Updates(ctx) { // the state as it is, then every change
		fmt.Println(update.Status)
		break
	}
	// Output:
	// flag set "static": READY, revision 1, 2 flags
}

func ExampleValidate() {
	err := flags.Validate([]byte(`{
  "flags": {
    "new-cart": {
      "state": "ENABLED",
      "variants": {"on": true, "off": false},
      "defaultVariant": "of"
    }
  }
}`))
	fmt.Println(err)
	// Output:
	// flags: the document is not valid: line 6, column 25: flags.new-cart.defaultVariant: defaultVariant "of" is none of the flag's variants
}

func ExampleNewProvider() {
	ctx := context.Background()
	set, err := flags.Static([]byte(shop))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer set.Close(ctx)

	api := isolated.NewAPI() // a service uses openfeature.SetProviderAndWait
	if err := api.SetProviderAndWait(ctx, flags.NewProvider(set)); err != nil {
		fmt.Println(err)
		return
	}
	defer api.Shutdown(ctx)

	user := openfeature.NewEvaluationContext("user-42", map[string]any{"country": "de"})
	fmt.Println(api.NewClient().Boolean(ctx, "new-cart", false, user))
	// Output:
	// true
}

func ExampleDocument_SetDefaultVariant() {
	doc, err := flags.ParseDocument([]byte(`{"flags": {"limit": {"state": "ENABLED", "variants": {"low": 10, "high": 100}, "defaultVariant": "low"}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := doc.SetDefaultVariant("limit", "high"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(doc.Bytes()))
	fmt.Println(doc.SetDefaultVariant("limit", "middle"))
	// Output:
	// {"flags": {"limit": {"state": "ENABLED", "variants": {"low": 10, "high": 100}, "defaultVariant": "high"}}}
	// flags: flag "limit" has no variant "middle": it has "low", "high"
}
