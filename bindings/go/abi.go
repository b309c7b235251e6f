package rustedring

/*
#cgo noescape rusted_ring_abi_version
#cgo noescape rusted_ring_close
#cgo noescape rusted_ring_consume
#cgo noescape rusted_ring_create
#cgo noescape rusted_ring_emit
#cgo noescape rusted_ring_emit_batch
#cgo noescape rusted_ring_error_text
#cgo noescape rusted_ring_journal_close
#cgo noescape rusted_ring_journal_epochs
#cgo noescape rusted_ring_journal_found
#cgo noescape rusted_ring_journal_open
#cgo noescape rusted_ring_journal_record
#cgo noescape rusted_ring_journal_replay
#cgo noescape rusted_ring_journal_resume
#cgo noescape rusted_ring_journal_since
#cgo noescape rusted_ring_journal_stats
#cgo noescape rusted_ring_journal_stop
#cgo noescape rusted_ring_journal_wait_durable
#cgo noescape rusted_ring_last_blocker
#cgo noescape rusted_ring_latest_close
#cgo noescape rusted_ring_latest_get
#cgo noescape rusted_ring_latest_new
#cgo noescape rusted_ring_latest_reader_close
#cgo noescape rusted_ring_latest_reader_join
#cgo noescape rusted_ring_latest_update
#cgo noescape rusted_ring_latest_writer_close
#cgo noescape rusted_ring_latest_writer_join
#cgo noescape rusted_ring_new
#cgo noescape rusted_ring_observe
#cgo noescape rusted_ring_open
#cgo noescape rusted_ring_open_handles
#cgo noescape rusted_ring_pack
#cgo noescape rusted_ring_pools_close
#cgo noescape rusted_ring_pools_create
#cgo noescape rusted_ring_pools_new
#cgo noescape rusted_ring_pools_open
#cgo noescape rusted_ring_pools_remove
#cgo noescape rusted_ring_pools_ring
#cgo noescape rusted_ring_pools_static
#cgo noescape rusted_ring_pools_stats
#cgo noescape rusted_ring_position_close
#cgo noescape rusted_ring_position_confirm
#cgo noescape rusted_ring_position_confirmed
#cgo noescape rusted_ring_position_open
#cgo noescape rusted_ring_publish
#cgo noescape rusted_ring_publish_batch
#cgo noescape rusted_ring_publish_records
#cgo noescape rusted_ring_publisher_close
#cgo noescape rusted_ring_publisher_join
#cgo noescape rusted_ring_reader_close
#cgo noescape rusted_ring_reader_loss
#cgo noescape rusted_ring_reader_stats
#cgo noescape rusted_ring_readers
#cgo noescape rusted_ring_remove
#cgo noescape rusted_ring_stats
#cgo noescape rusted_ring_status_name
#cgo noescape rusted_ring_subscribe
#cgo noescape rusted_ring_subscribe_repaired
#cgo noescape rusted_ring_try_publish
#cgo noescape rusted_ring_unpack
#cgo noescape rusted_ring_version
#cgo noescape rusted_ring_wait
#cgo noescape rusted_ring_wait_set_close
#cgo noescape rusted_ring_wait_set_new
#cgo noescape read_batch
#cgo nocallback rusted_ring_abi_version
#cgo nocallback rusted_ring_close
#cgo nocallback rusted_ring_consume
#cgo nocallback rusted_ring_create
#cgo nocallback rusted_ring_emit
#cgo nocallback rusted_ring_emit_batch
#cgo nocallback rusted_ring_error_text
#cgo nocallback rusted_ring_journal_close
#cgo nocallback rusted_ring_journal_epochs
#cgo nocallback rusted_ring_journal_found
#cgo nocallback rusted_ring_journal_open
#cgo nocallback rusted_ring_journal_record
#cgo nocallback rusted_ring_journal_replay
#cgo nocallback rusted_ring_journal_resume
#cgo nocallback rusted_ring_journal_since
#cgo nocallback rusted_ring_journal_stats
#cgo nocallback rusted_ring_journal_stop
#cgo nocallback rusted_ring_journal_wait_durable
#cgo nocallback rusted_ring_last_blocker
#cgo nocallback rusted_ring_latest_close
#cgo nocallback rusted_ring_latest_get
#cgo nocallback rusted_ring_latest_new
#cgo nocallback rusted_ring_latest_reader_close
#cgo nocallback rusted_ring_latest_reader_join
#cgo nocallback rusted_ring_latest_update
#cgo nocallback rusted_ring_latest_writer_close
#cgo nocallback rusted_ring_latest_writer_join
#cgo nocallback rusted_ring_new
#cgo nocallback rusted_ring_observe
#cgo nocallback rusted_ring_open
#cgo nocallback rusted_ring_open_handles
#cgo nocallback rusted_ring_pack
#cgo nocallback rusted_ring_pools_close
#cgo nocallback rusted_ring_pools_create
#cgo nocallback rusted_ring_pools_new
#cgo nocallback rusted_ring_pools_open
#cgo nocallback rusted_ring_pools_remove
#cgo nocallback rusted_ring_pools_ring
#cgo nocallback rusted_ring_pools_static
#cgo nocallback rusted_ring_pools_stats
#cgo nocallback rusted_ring_position_close
#cgo nocallback rusted_ring_position_confirm
#cgo nocallback rusted_ring_position_confirmed
#cgo nocallback rusted_ring_position_open
#cgo nocallback rusted_ring_publish
#cgo nocallback rusted_ring_publish_batch
#cgo nocallback rusted_ring_publish_records
#cgo nocallback rusted_ring_publisher_close
#cgo nocallback rusted_ring_publisher_join
#cgo nocallback rusted_ring_reader_close
#cgo nocallback rusted_ring_reader_loss
#cgo nocallback rusted_ring_reader_stats
#cgo nocallback rusted_ring_readers
#cgo nocallback rusted_ring_remove
#cgo nocallback rusted_ring_stats
#cgo nocallback rusted_ring_status_name
#cgo nocallback rusted_ring_subscribe
#cgo nocallback rusted_ring_subscribe_repaired
#cgo nocallback rusted_ring_try_publish
#cgo nocallback rusted_ring_unpack
#cgo nocallback rusted_ring_version
#cgo nocallback rusted_ring_wait
#cgo nocallback rusted_ring_wait_set_close
#cgo nocallback rusted_ring_wait_set_new
#cgo nocallback read_batch
#include "abi.h"
*/
import "C"

// Version returns the version of the library that is linked, such as "0.6.0".
func Version() string { return C.GoString(C.rusted_ring_version()) }

// OpenHandles returns how many objects of this package are open in this process: for tests that nothing is leaked.
func OpenHandles() int { return int(C.rusted_ring_open_handles()) }

// abiVersion is the ABI's version that is linked.
func abiVersion() uint32 { return uint32(C.rusted_ring_abi_version()) }

func init() {
	linked, wanted := abiVersion(), uint32(C.RUSTED_RING_ABI_VERSION)
	if linked>>16 != wanted>>16 || linked < wanted {
		panic("rustedring: the library that is linked is " + Version() + ", whose ABI is not that of the header that this was built with: link that of the same version")
	}
}
