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
}

// maxWeight bounds a single weight and the sum of all.
const maxWeight = math.MaxInt32

func (n *fractionalNode) eval(e *env) Value {
	hash, first, ok := n.hash(e)
	if !ok {
		return Value{}
	}
	buckets := n.buckets
	var few [16]share // so that the usual rollout does not allocate
	shares := few[:0]
	var total int64
	if first.kind == kindList {
		shares = append(shares, share{variant: itemAt(first, 0)})
		if shares[0].weight, ok = weightOf(itemAt(first, 1)); !ok || len(first.items()) == 0 {
			return Value{}
		}
		total += shares[0].weight
	}
	for i := range buckets {
		weight, value, ok := buckets[i].resolve(e)
		if !ok {
			return Value{}
		}
		shares = append(shares, share{bucket: &buckets[i], variant: value, weight: weight})
		total += weight
	}
	if total <= 0 || total > maxWeight {
		return Value{}
	}
	at := int64(uint64(hash) * uint64(total) >> 32)
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
		v = s.bucket.variant.eval(e)
	}
	if v.kind == kindList || v.kind == kindObject {
		return Value{}
	}
	return v
}

func (b *bucket) resolve(e *env) (weight int64, variant Value, ok bool) {
	if b.list != nil {
		v := b.list.eval(e)
		if len(v.items()) == 0 {
			return 0, Value{}, false
		}
		weight, ok = weightOf(itemAt(v, 1))
		return weight, itemAt(v, 0), ok
	}
	if b.weight == nil {
		return 1, Value{}, true
	}
	weight, ok = weightOf(b.weight.eval(e))
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
		key = n.key.eval(e)
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
		targetingKey := e.context.targetingKey()
		if targetingKey.kind != kindString || targetingKey.str == "" {
			return 0, first, false
		}
		return murmur3(e.flag, targetingKey.str), first, true
	default:
		return 0, first, false
	}
}
