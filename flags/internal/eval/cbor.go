package eval

import (
	"encoding/binary"
	"math"
	"slices"
)

// hashCBOR is version 3's hash: of the deterministic CBOR encoding (RFC 8949
// §4.2.1) of the key, of any type but null, or of [flag key, targeting key].
func (n *fractionalNode) hashCBOR(e *env, key Value) (uint32, bool) {
	if key.kind == kindNull {
		targetingKey := e.targetingKey()
		if targetingKey.kind == kindNull || targetingKey.kind == kindString && targetingKey.str == "" {
			return 0, false
		}
		key = list([]Value{String(e.flag), targetingKey})
	}
	text, ok := appendCBOR(nil, key, e)
	if !ok {
		return 0, false
	}
	return murmur3(text), true
}

// CBOR's major types, shifted.
const (
	cborUnsigned = 0 << 5
	cborNegative = 1 << 5
	cborText     = 3 << 5
	cborArray    = 4 << 5
	cborMap      = 5 << 5
	cborSimple   = 7 << 5
)

func appendCBOR(b []byte, v Value, e *env) ([]byte, bool) {
	if !e.charge(1 + len(v.str)/16) {
		return b, false
	}
	switch v.kind {
	case kindNull:
		b = append(b, cborSimple|22)
	case kindBool:
		b = append(b, cborSimple|20+byte(v.num))
	case kindNumber:
		b = appendCBORNumber(b, v.num)
	case kindString:
		b = append(appendHead(b, cborText, uint64(len(v.str))), v.str...)
	case kindList:
		b = appendHead(b, cborArray, uint64(len(v.ref.items)))
		for _, item := range v.ref.items {
			longer, ok := appendCBOR(b, item, e)
			if !ok {
				return b, false
			}
			b = longer
		}
	case kindObject:
		b = appendHead(b, cborMap, uint64(len(v.ref.keys)))
		order := make([]int, len(v.ref.keys)) // by the encoded keys: shorter heads first
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int {
			return slices.Compare(cborKey(v.ref.keys[i]), cborKey(v.ref.keys[j]))
		})
		for _, i := range order {
			b = append(b, cborKey(v.ref.keys[i])...)
			longer, ok := appendCBOR(b, v.ref.items[i], e)
			if !ok {
				return b, false
			}
			b = longer
		}
	}
	return b, true
}

func cborKey(key string) []byte { return append(appendHead(nil, cborText, uint64(len(key))), key...) }

// appendCBORNumber writes whole numbers as integers, others as the shortest
// float that keeps them.
func appendCBORNumber(b []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		if f < 0 {
			return appendHead(b, cborNegative, uint64(-(int64(f) + 1))) //nolint:gosec // not negative
		}
		return appendHead(b, cborUnsigned, uint64(f))
	}
	if half, ok := float16(f); ok {
		return binary.BigEndian.AppendUint16(append(b, cborSimple|25), half)
	}
	if single := float32(f); float64(single) == f {
		return binary.BigEndian.AppendUint32(append(b, cborSimple|26), math.Float32bits(single))
	}
	return binary.BigEndian.AppendUint64(append(b, cborSimple|27), math.Float64bits(f))
}

// float16 returns f as an IEEE 754 half, if nothing is lost.
func float16(f float64) (uint16, bool) {
	if math.IsNaN(f) {
		return 0x7e00, true
	}
	sign := uint16(0)
	if math.Signbit(f) {
		sign = 0x8000
	}
	if math.IsInf(f, 0) {
		return sign | 0x7c00, true
	}
	fraction, exponent := math.Frexp(math.Abs(f)) // f = fraction × 2^exponent, fraction in [0.5, 1)
	if exponent > 16 {
		return 0, false
	}
	if exponent >= -13 { // normal: 11 significant bits
		mantissa := fraction * (1 << 11)
		if mantissa != math.Trunc(mantissa) {
			return 0, false
		}
		return sign | uint16(exponent+14)<<10 | uint16(mantissa)&0x3ff, true
	}
	mantissa := math.Ldexp(math.Abs(f), 24) // subnormal: multiples of 2^-24
	if mantissa != math.Trunc(mantissa) {
		return 0, false
	}
	return sign | uint16(mantissa), true
}

// appendHead writes a major type and its argument in the fewest bytes.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(b, major|27), n)
	}
}
