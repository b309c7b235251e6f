package rustedring

// #include "abi.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// NewOf makes a ring in this process of slots for values of a type, each of which is an event.
//
// The type is a fixed number of bytes that mean the same to every process: integers, floats, complex numbers, and arrays and structs of these without padding. Others are
// ErrBadArgument, here and wherever values are sent or received.
func NewOf[T any](slots int, mode Mode) (*Ring, error) {
	if err := plain[T](); err != nil {
		return nil, err
	}
	var value T
	return New(int(unsafe.Sizeof(value)), slots, mode)
}

// Send publishes copies of the values, in order, each once there is room, and returns how many went out, as PublishBatch does.
func Send[T any](ctx context.Context, to *Publisher, eventType uint32, values ...T) (int, error) {
	if err := plain[T](); err != nil {
		return 0, err
	}
	if len(values) == 0 {
		return 0, nil
	}
	sent := 0
	err := to.handle.wait(ctx, ErrFull, func(timeout C.uint64_t) C.rusted_ring_status {
		var published C.size_t
		rest := values[sent:]
		status := C.rusted_ring_publish_records(to.raw, unsafe.Pointer(&rest[0]), C.size_t(unsafe.Sizeof(rest[0])), C.size_t(len(rest)),
			C.uint32_t(eventType), timeout, &published)
		sent += int(published)
		return status
	})
	return sent, err
}

// Receive copies values that are ready, up to as many as there is room for, and waits for the first. It returns how many there are. Events that have another number of bytes than
// the type are left out, and the error is a *SizeError; the values beside them are there all the same. Otherwise it is as Read.
func Receive[T any](ctx context.Context, from *Reader, values []T) (int, error) {
	if err := plain[T](); err != nil {
		return 0, err
	}
	if len(values) == 0 {
		return 0, badArgument("there is no room for a value: give a slice that is not empty")
	}
	count := 0
	var other *SizeError
	err := from.told(func(loss *C.rusted_ring_range) error {
		return from.handle.wait(ctx, ErrEmpty, func(timeout C.uint64_t) C.rusted_ring_status {
			batch := &from.values
			status := from.fill(batch, min(len(values), mostValues), timeout, loss)
			for event := range batch.All() {
				if len(event.Data) == int(unsafe.Sizeof(values[0])) {
					copy(bytesOf(&values[count]), event.Data)
					count++
				} else if other == nil {
					other = &SizeError{event.Sequence, len(event.Data), int(unsafe.Sizeof(values[0]))}
				}
			}
			return status
		})
	})
	if err == nil && other != nil {
		return count, other
	}
	return count, err
}

// How many values a call receives at most: so many slots of memory a reader keeps for them.
const mostValues = 256

// SizeError is ErrMismatch: an event that is no value of the type wanted.
type SizeError struct {
	// Sequence is that of the event, the first of its batch.
	Sequence uint64
	// Has is how many bytes it has, and Wanted how many the type has.
	Has, Wanted int
}

// Error says what was found and wanted.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%v: event %d has %d bytes, and the values wanted have %d: receive it as bytes, or as another type",
		ErrMismatch.Error(), e.Sequence, e.Has, e.Wanted)
}

// Unwrap returns ErrMismatch.
func (e *SizeError) Unwrap() error { return ErrMismatch }

// bytesOf is a value's bytes. The type must be plain: then any bytes are a value.
func bytesOf[T any](value *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(value)), unsafe.Sizeof(*value))
}

// What was found out about types.
var plains sync.Map // of reflect.Type, to error or nil

// plain returns an error unless all bytes of a type mean something, and any bytes are a value of it.
func plain[T any]() error {
	of := reflect.TypeFor[T]()
	if known, ok := plains.Load(of); ok {
		err, _ := known.(error)
		return err
	}
	var err error
	if why := notPlain(of); why != nil {
		err = badArgument("values of type %v cannot be events: %v", of, why)
	}
	plains.Store(of, err)
	return err
}

func notPlain(of reflect.Type) error {
	switch of.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return nil
	case reflect.Int, reflect.Uint, reflect.Uintptr:
		return fmt.Errorf("%v has another size on other machines: use one whose name has its size", of)
	case reflect.Bool:
		return errors.New("not every byte is a bool: use uint8")
	case reflect.Array:
		if of.Len() == 0 {
			return errors.New("an array of none has no bytes: use arrays of one or more")
		}
		return notPlain(of.Elem())
	case reflect.Struct:
		var bytes uintptr
		for index := range of.NumField() {
			field := of.Field(index)
			if err := notPlain(field.Type); err != nil {
				return fmt.Errorf("in %v: %w", field.Name, err)
			}
			bytes += field.Type.Size()
		}
		if bytes != of.Size() || bytes == 0 {
			return fmt.Errorf("its fields have %d of its %d bytes: order them by size, or add fields that have the others", bytes, of.Size())
		}
		return nil
	default:
		return fmt.Errorf("%v is no fixed number of bytes: use numbers, and arrays and structs of them", of)
	}
}
