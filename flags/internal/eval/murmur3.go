package eval

import "math/bits"

// murmur3 returns MurmurHash3_x86_32 of text, with seed 0. Austin Appleby,
// public domain: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
func murmur3[T string | []byte](text T) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	var h uint32
	i := 0
	for ; i+4 <= len(text); i += 4 {
		block := uint32(text[i]) | uint32(text[i+1])<<8 | uint32(text[i+2])<<16 | uint32(text[i+3])<<24
		h ^= bits.RotateLeft32(block*c1, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	var tail uint32
	for j := len(text) - 1; j >= i; j-- {
		tail = tail<<8 | uint32(text[j])
	}
	h ^= bits.RotateLeft32(tail*c1, 15) * c2 // nothing if there is none
	h ^= uint32(len(text))                   //nolint:gosec // by definition modulo 2^32
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// murmur3Pair is murmur3 of two texts in a row; keys of the usual length are
// joined on the stack.
func murmur3Pair(a, b string) uint32 {
	var joined [64]byte
	if n := len(a) + len(b); n <= len(joined) {
		copy(joined[copy(joined[:], a):], b)
		return murmur3(joined[:n])
	}
	return murmur3(a + b)
}
