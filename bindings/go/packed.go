package rustedring

// #include "abi.h"
import "C"

import "unsafe"

// Packed is the bit of an event's type that says that the event is packed.
const Packed uint32 = C.RUSTED_RING_PACKED

// Pack returns an event, and its type, as they are to be published: compressed by LZ4, with Packed in the type; or as they are, if it has less than 1,025 bytes, or does not shrink. The result lies in room, if that has the
// event's length.
func Pack(event []byte, eventType uint32, room []byte) ([]byte, uint32, error) {
	if len(room) < len(event) || len(room) == 0 {
		room = make([]byte, len(event)+1)
	}
	from := some(event)
	var packedLen C.size_t
	var packedType C.uint32_t
	err := outcome(func() C.rusted_ring_status {
		return C.rusted_ring_pack(unsafe.Pointer(&from[0]), C.size_t(len(event)), C.uint32_t(eventType),
			unsafe.Pointer(&room[0]), C.size_t(len(room)), &packedLen, &packedType)
	})
	if err != nil {
		return nil, 0, err
	}
	return room[:packedLen], uint32(packedType), nil
}

// Unpack returns an event, and its type, as they were before Pack, whether it is packed or not. The result lies in room, which is the most that is taken, whatever the event says: else it is ErrTooLarge.
func Unpack(event []byte, eventType uint32, room []byte) ([]byte, uint32, error) {
	from, to := some(event), some(room)
	var eventLen C.size_t
	var unpackedType C.uint32_t
	err := outcome(func() C.rusted_ring_status {
		return C.rusted_ring_unpack(unsafe.Pointer(&from[0]), C.size_t(len(event)), C.uint32_t(eventType),
			unsafe.Pointer(&to[0]), C.size_t(len(room)), &eventLen, &unpackedType)
	})
	if err != nil {
		return nil, 0, err
	}
	return to[:eventLen], uint32(unpackedType), nil
}
