//go:build linux && amd64 && !rusted_ring_pkgconfig

package rustedring

// #cgo CFLAGS: -I${SRCDIR}/lib/linux_amd64
// #cgo LDFLAGS: -L${SRCDIR}/lib/linux_amd64 -lrusted_ring -lgcc_s -lutil -lrt -lpthread -lm -ldl
import "C"
