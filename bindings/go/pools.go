package rustedring

// #include "abi.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// Pool is one of the five pools of a set, by how many bytes its events have at most.
type Pool uint32

// The pools of a set: 64, 256, 1,024, 4,096 and 16,384 bytes.
const (
	XS Pool = C.RUSTED_RING_POOL_XS
	S  Pool = C.RUSTED_RING_POOL_S
	M  Pool = C.RUSTED_RING_POOL_M
	L  Pool = C.RUSTED_RING_POOL_L
	XL Pool = C.RUSTED_RING_POOL_XL
)

// Set is one of the sets of static pools, which all of a process share.
type Set uint32

// The sets of static pools.
const (
	// Mobile has 500, 250, 100, 20 and 5 slots.
	Mobile Set = C.RUSTED_RING_MOBILE
	// Production has 2000, 1000, 300, 60 and 15 slots.
	Production Set = C.RUSTED_RING_PRODUCTION
	// Server has 4000, 2000, 600, 120 and 30 slots.
	Server Set = C.RUSTED_RING_SERVER
)

// Capacities is how many slots each pool of a set has.
type Capacities struct{ XS, S, M, L, XL int }

func (c Capacities) raw() C.rusted_ring_capacities {
	return C.rusted_ring_capacities{xs: C.size_t(c.XS), s: C.size_t(c.S), m: C.size_t(c.M), l: C.size_t(c.L), xl: C.size_t(c.XL)}
}

// Pools is a set of five pools, in this process or between processes: an event goes to the smallest that holds it. Any goroutines may use it at once.
type Pools struct {
	handle *handle
	raw    *C.rusted_ring_pools
}

// NewPools makes a set of pools in this process. Its rings never close.
func NewPools(capacities Capacities) (*Pools, error) {
	wanted := capacities.raw()
	var raw *C.rusted_ring_pools
	return newPools(outcome(func() C.rusted_ring_status { return C.rusted_ring_pools_new(&wanted, &raw) }), &raw)
}

// StaticPools is one of the sets of static pools.
func StaticPools(set Set) (*Pools, error) {
	var raw *C.rusted_ring_pools
	return newPools(outcome(func() C.rusted_ring_status { return C.rusted_ring_pools_static(C.uint32_t(set), &raw) }), &raw)
}

// CreatePools creates a set of pools between processes, in five files whose names end in .xs to .xl. The name is as in Create.
func CreatePools(name string, capacities Capacities) (*Pools, error) {
	named, free, err := cString(name)
	if err != nil {
		return nil, err
	}
	defer free()
	wanted := capacities.raw()
	var raw *C.rusted_ring_pools
	return newPools(outcome(func() C.rusted_ring_status { return C.rusted_ring_pools_create(named, &wanted, &raw) }), &raw)
}

// OpenPools opens a set of pools that a process of any language has created.
func OpenPools(name string) (*Pools, error) {
	named, free, err := cString(name)
	if err != nil {
		return nil, err
	}
	defer free()
	var raw *C.rusted_ring_pools
	return newPools(outcome(func() C.rusted_ring_status { return C.rusted_ring_pools_open(named, &raw) }), &raw)
}

// RemovePools removes the files of a set of pools; not while a process has one of them open, unless evenInUse.
func RemovePools(name string, evenInUse bool) error {
	named, free, err := cString(name)
	if err != nil {
		return err
	}
	defer free()
	return outcome(func() C.rusted_ring_status { return C.rusted_ring_pools_remove(named, flag(evenInUse)) })
}

func newPools(err error, raw **C.rusted_ring_pools) (*Pools, error) {
	if err != nil {
		return nil, err
	}
	opened := *raw
	pools := &Pools{raw: opened, handle: ofMany(func() C.rusted_ring_status { return C.rusted_ring_pools_close(opened) })}
	runtime.AddCleanup(pools, func(h *handle) { h.shut() }, pools.handle)
	return pools, nil
}

// Close closes it. A second time it does nothing.
func (p *Pools) Close() error { return p.handle.shut() }

// Emit publishes a copy of data in the smallest pool that holds it, and returns which, and its sequence there. It never waits: the error is ErrFull or ErrTooLarge, if there is no
// room.
func (p *Pools) Emit(data []byte, eventType uint32) (Pool, uint64, error) {
	bytes := some(data)
	var pool C.uint32_t
	var sequence C.uint64_t
	err := p.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_emit(p.raw, unsafe.Pointer(&bytes[0]), C.size_t(len(data)), C.uint32_t(eventType), &pool, &sequence)
	})
	return Pool(pool), uint64(sequence), err
}

// EmitBatch emits the messages, in order, up to the first that is refused, and returns how many went out.
func (p *Pools) EmitBatch(messages []Message) (int, error) {
	if len(messages) == 0 {
		return 0, nil
	}
	lent := outgoings.Get().(*outgoing)
	defer outgoings.Put(lent)
	defer lent.clear()
	slices, err := lent.lay(messages)
	if err != nil {
		return 0, err
	}
	var emitted C.size_t
	err = p.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_emit_batch(p.raw, &slices[0], C.size_t(len(slices)), &emitted)
	})
	return int(emitted), err
}

// Ring returns the ring of one pool, to be joined as any other.
func (p *Pools) Ring(pool Pool) (*Ring, error) {
	var raw *C.rusted_ring
	return newRing(p.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_pools_ring(p.raw, C.uint32_t(pool), &raw)
	}), &raw)
}

// PoolStats is how full a pool is.
type PoolStats struct {
	// SlotBytes is how many bytes a slot holds.
	SlotBytes uint64
	// Slots is how many slots there are.
	Slots uint64
	// Claimed is the next sequence to be claimed.
	Claimed uint64
	// Pressure is the largest lag of its readers as a part of the slots, from 0 to 1.
	Pressure float32
}

// Stats returns how full the five pools are, smallest slots first.
func (p *Pools) Stats() ([5]PoolStats, error) {
	var raw [5]C.rusted_ring_pool_stats
	err := p.handle.call(func() C.rusted_ring_status { return C.rusted_ring_pools_stats(p.raw, &raw[0]) })
	var stats [5]PoolStats
	for index, pool := range raw {
		stats[index] = PoolStats{uint64(pool.slot_bytes), uint64(pool.slots), uint64(pool.claimed), float32(pool.pressure)}
	}
	return stats, err
}
