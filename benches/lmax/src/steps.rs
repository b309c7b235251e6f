//! What the stages do with an event: LMAX's steps.

/// Of the first event; that of each next one is one less.
const OPERAND_TWO: i64 = 777;

/// The operands of the pipeline's event of this number.
#[inline]
pub(crate) fn operands(number: i64) -> [i64; 2] {
    [number, OPERAND_TWO - number]
}

#[inline]
pub(crate) fn one(operand_one: i64, operand_two: i64) -> i64 {
    operand_one + operand_two
}

#[inline]
pub(crate) fn two(result_of_one: i64) -> i64 {
    result_of_one + 3
}

/// Whether the event counts.
#[inline]
pub(crate) fn three(result_of_two: i64) -> bool {
    result_of_two & 4 == 4
}

#[inline]
pub(crate) fn fizz(number: i64) -> bool {
    number % 3 == 0
}

#[inline]
pub(crate) fn buzz(number: i64) -> bool {
    number % 5 == 0
}
