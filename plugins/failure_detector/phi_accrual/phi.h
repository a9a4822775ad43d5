// phi, the degree of suspicion: how unlikely it is that a heartbeat is still to come. phi = -log10(P), with P the
// chance that a normally distributed interval is longer than the silence so far.
//
// In integers, so that every compiler draws the same line: phi in thousandths (milli-phi) of a deviation in thousandths
// (y = (silence - mean) / standard deviation). Within 0.006 of the true value up to y = 8, and 0.5 % below it beyond
// that. Pure, any thread.
//
// Source: Hayashibara, Defago, Yared and Katayama, "The phi accrual failure detector", SRDS 2004, section 4.3.
#pragma once

#include <cstdint>

namespace ashlar::phi_accrual {

inline constexpr std::int64_t phi_milli_max = 1'000'000'000;

/// Never falls as y grows. 0 to phi_milli_max.
std::int64_t phi_milli(std::int64_t y_milli);

/// The smallest y, not below the mean, whose phi is at least this much.
std::int64_t y_milli_of(std::int64_t phi_milli);

}  // namespace ashlar::phi_accrual
