//! What a slot holds as it is.

use bytemuck::{AnyBitPattern, NoUninit};

/// What a typed ring, or a latest-value cell, may hold: plain data, which one thread may write while others copy it.
///
/// Any bytes of its size are a value of it ([`AnyBitPattern`]), none of them is padding ([`NoUninit`]), and it may be sent to other threads.
/// Every type that is all this is a `Value`; which types are, and what becomes of the others, is told at [`Typed`](crate::Typed).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be held by a typed ring or a latest-value cell",
    label = "not plain data",
    note = "any bytes of its size must be a value of it (bytemuck's `AnyBitPattern`), and none of them padding (`NoUninit`): derive both",
    note = "an enum, a `bool` or a `char` is sent as bytes and checked when it is read: the documentation of `rusted_ring::Typed` shows how"
)]
pub trait Value: AnyBitPattern + NoUninit + Send + Sync {}

#[diagnostic::do_not_recommend]
impl<T: AnyBitPattern + NoUninit + Send + Sync> Value for T {}
