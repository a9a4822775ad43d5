// Machine: what befalls its disk for good.
#include <algorithm>
#include <cstdlib>

#include "machine.h"

namespace ashlar::sim {

void Machine::wipe() {
    bool was_up = up();
    if (was_up) go_down(Loss::everything);
    replace_disk();
    if (was_up) reports_.crashed(Loss::everything);
}

/// The next life knows nothing of the earlier ones, nor of who founded the cluster: its name is all that is the same.
void Machine::replace_disk() {
    trace_.note(agenda_.now(), seat_.name, " gets an empty disk");
    disk_ = std::make_shared<FaultyDisk>();
    if (!disk_->make_directory("node") || !disk_->make_directory("engine") || !disk_->sync_directory("")) std::abort();
    full_ = rotten_ = false;
    seat_.founders.clear();
    seat_.node = {};
    epoch_ = {};
    reports_.wiped();
}

std::vector<BadBlock> Machine::bad_blocks() {
    if (auto scrub = engine_->scrub()) {
        scrub->run();
        (void)scrub->finish();
    }
    return engine_->bad_blocks();
}

bool Machine::rot() {
    std::vector<std::string> tables = disk_->files();
    std::erase_if(tables, [](const std::string& path) { return !path.starts_with("engine/table-"); });
    if (tables.empty()) return false;
    const std::string& path = tables[random_.below(tables.size())];
    std::uint64_t size = disk_->contents(path).size();
    if (size == 0) return false;
    constexpr std::uint64_t block = 512;  // as the swarm's block_bytes
    std::uint64_t at = random_.below(size);
    bool whole = random_.one_in(2);
    std::uint64_t from = whole ? at / block * block : at;
    rotten_ = harmed_ = true;
    trace_.note(agenda_.now(), seat_.name, whole ? " block goes bad: " : " byte goes bad: ", path, " at ", from);
    return disk_->spoil(path, from, whole ? std::min(block, size - from) : 1);
}

}  // namespace ashlar::sim
