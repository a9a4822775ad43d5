// How the figures of the cluster's benchmark are printed: ratios beside what is expected of them first.
#pragma once

#include <vector>

#include "table.h"

namespace ashlar::bench {

void print_text(const Table& table, const std::vector<int>& connections);
void print_json(const Table& table);

}  // namespace ashlar::bench
