package eval

import "math/bits"

// murmur3 returns MurmurHash3_x86_32 of the bytes of all parts in a row, with
// seed 0, without joining them. Austin Appleby, public domain:
// https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
func murmur3(parts ...string) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	var h, block uint32
	size := 0
	for _, part := range parts {
		for i := range len(part) {
			block |= uint32(part[i]) << (8 * (size & 3))
			size++
			if size&3 == 0 {
				h ^= bits.RotateLeft32(block*c1, 15) * c2
				h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
				block = 0
			}
		}
	}
	h ^= bits.RotateLeft32(block*c1, 15) * c2 // the tail; nothing if there is none
	h ^= uint32(size)
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
