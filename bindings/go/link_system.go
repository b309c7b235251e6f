//go:build !linux || !amd64 || rusted_ring_pkgconfig

package rustedring

// #cgo pkg-config: rusted_ring
import "C"
