//! A process that forbids itself the kernel's barriers after it has started, as sandboxes do: nobody can be given up any more, nothing is lost, and nothing hangs.
// Elsewhere an owner is given up by an exchange alone, for which nobody is asked.
#![cfg(all(
    target_os = "linux",
    target_env = "gnu",
    target_arch = "x86_64",
    feature = "std",
    not(rusted_ring_no_restart)
))]

use std::{
    ffi::{c_int, c_ulong},
    time::Duration,
};

use rusted_ring::{HeapTypedRing, Publisher, Start, Subscriber};

/// Has every `membarrier` of this thread fail from here on.
fn forbid_membarrier() {
    #[repr(C)]
    struct Instruction(u16, u8, u8, u32);
    #[repr(C)]
    struct Program {
        len: u16,
        filter: *const Instruction,
    }
    unsafe extern "C" {
        fn prctl(option: c_int, arg2: c_ulong, arg3: c_ulong, arg4: c_ulong, arg5: c_ulong) -> c_int;
    }
    const PR_SET_NO_NEW_PRIVS: c_int = 38;
    const PR_SET_SECCOMP: c_int = 22;
    const SECCOMP_MODE_FILTER: c_ulong = 2;
    const MEMBARRIER: u32 = 324;
    const EPERM: u32 = 1;
    // Load the call's number; if it is that of membarrier, fail with EPERM; else allow it.
    let filter = [
        Instruction(0x20, 0, 0, 0),
        Instruction(0x15, 0, 1, MEMBARRIER),
        Instruction(0x06, 0, 0, 0x0005_0000 | EPERM),
        Instruction(0x06, 0, 0, 0x7fff_0000),
    ];
    let program = Program { len: filter.len() as u16, filter: filter.as_ptr() };
    // SAFETY: `prctl` is the C library's.
    assert_eq!(unsafe { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    let program = (&raw const program).addr() as c_ulong;
    // SAFETY: the program is one of the classic filter's, valid for the call.
    assert_eq!(unsafe { prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) }, 0);
}

#[test]
fn who_cannot_be_interrupted_is_not_given_up() {
    let ring = HeapTypedRing::<u64>::new(4);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let (stopped, other) = (Publisher::join(ring.clone()).unwrap(), Publisher::join(ring).unwrap());
    let claim = stopped.claim();
    for value in 1..4 {
        other.send(&value);
    }
    forbid_membarrier();

    // The slot of the next sequence is held by the stopped owner, a lap before.
    assert!(other.try_send(&4).is_err());
    assert!(other.send_timeout(&4, Duration::from_millis(5)).is_err());
    // The reader of that waits, although others went on long ago.
    assert!(reader.recv_timeout(Duration::from_millis(50)).is_err());
    assert_eq!((reader.received(), reader.lost(), reader.holes()), (0, 0, 0));

    assert_eq!(claim.send(&0).unwrap().get(), 0);
    assert_eq!([(); 4].map(|()| reader.recv().unwrap()), [0, 1, 2, 3]);
    other.send(&4);
    assert_eq!(reader.recv().unwrap(), 4);
}
