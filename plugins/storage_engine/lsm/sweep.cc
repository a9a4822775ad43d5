#include "sweep.h"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "names.h"

namespace ashlar::lsm {
namespace {

/// Moves what only `from` holds to the result.
template <class Pointer>
std::vector<Pointer> unused(std::vector<Pointer>& from) {
    auto middle = std::stable_partition(from.begin(), from.end(), [](const Pointer& p) { return p.use_count() > 1; });
    std::vector<Pointer> out(std::make_move_iterator(middle), std::make_move_iterator(from.end()));
    from.erase(middle, from.end());
    return out;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void Sweep::carry_out(Disk& disk) {
    for (TablePtr& table : tables) {
        std::string name = table->name();
        table.reset();
        (void)disk.remove(name);
    }
    for (std::uint64_t segment : segments) (void)disk.remove(log_name(segment));
    tables.clear();
    memtables.clear();
    segments.clear();
}

Sweep Graveyard::collect() {
    Sweep out;
    out.tables = unused(waiting_.tables);
    out.memtables = unused(waiting_.memtables);
    out.segments = std::move(waiting_.segments);
    waiting_.segments.clear();
    return out;
}

void Graveyard::give_back(Sweep&& sweep) {
    append(waiting_.tables, std::move(sweep.tables));
    append(waiting_.memtables, std::move(sweep.memtables));
    append(waiting_.segments, std::move(sweep.segments));
}

}  // namespace ashlar::lsm
