// rusted-ring in C++20: rings with lossy and lossless readers, in one process and between processes. Header-only, over the C ABI.
//
// Calls return `result`, a value or an error, and throw nothing but what the standard library throws. Handles close themselves. What holds for all
// calls is said in rusted_ring.h.
#ifndef RUSTED_RING_HPP
#define RUSTED_RING_HPP

#if !defined _MSVC_LANG && __cplusplus < 202002L
#error "rusted_ring.hpp needs C++20: compile with -std=c++20"
#endif

#include <rusted_ring/journal.hpp>
#include <rusted_ring/latest.hpp>
#include <rusted_ring/packed.hpp>
#include <rusted_ring/pools.hpp>
#include <rusted_ring/ring.hpp>
#include <rusted_ring/typed.hpp>

#endif
