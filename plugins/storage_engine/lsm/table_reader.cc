#include "table_reader.h"

#include "advice.h"
#include "bloom.h"
#include "kit/text.h"
#include "names.h"

namespace ashlar::lsm {

Result<std::shared_ptr<Table>> Table::open(Disk& disk, const std::string& path, const TableFacts& facts,
                                           std::uint64_t directory) {
    std::shared_ptr<Table> table(new Table(facts, directory));
    auto file = disk.open(path);
    if (!file) {
        if (file.error().code == Code::not_found)
            return fail(Code::corrupt, kit::text(path, " is missing although the manifest names it", damage_advice));
        return file.error();
    }
    table->file_ = std::move(*file);
    if (auto done = table->read_ends(); !done) {
        if (done.error().code != Code::corrupt && done.error().code != Code::io) return done.error();
        table->broken_ = done.error();
        table->damaged_.store(true, std::memory_order_relaxed);
    }
    return table;
}

Result<std::shared_ptr<Table>> Table::adopt(Disk& disk, const std::string& path, TableParts parts,
                                            std::uint64_t directory) {
    std::shared_ptr<Table> table(new Table(parts.facts, directory));
    auto file = disk.open(path);
    if (!file) return file.error();
    table->file_ = std::move(*file);
    table->filter_ = std::move(parts.filter);
    table->take_index(std::move(parts.index));
    return table;
}

std::string Table::name() const {
    return table_name(facts_.number);
}

Error Table::corrupt(std::uint64_t offset, const std::string& why) const {
    damaged_.store(true, std::memory_order_relaxed);
    // The other parts are in memory, so that the data is whole without them.
    for (std::size_t i = 0; i < index_.size(); ++i)
        if (index_.place(i).offset == offset)
            bad_[i / 64].fetch_or(std::uint64_t{1} << i % 64, std::memory_order_relaxed);
    return fail(Code::corrupt, kit::text(name(), " at offset ", offset, ": ", why));
}

std::vector<std::size_t> Table::bad_blocks() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < index_.size(); ++i)
        if ((bad_[i / 64].load(std::memory_order_relaxed) >> i % 64 & 1) != 0) out.push_back(i);
    return out;
}

void Table::take_index(BlockIndex&& index) {
    index_ = std::move(index);
    bad_ = std::vector<std::atomic<std::uint64_t>>((index_.size() + 63) / 64);
}

Result<Footer> Table::read_footer() const {
    if (facts_.file_bytes < footer_bytes || file_->size() != facts_.file_bytes)
        return corrupt(0, kit::text("the file has ", file_->size(), " bytes, the manifest says ", facts_.file_bytes));
    Bytes bytes;
    if (auto done = file_->read(facts_.file_bytes - footer_bytes, footer_bytes, bytes); !done) return done.error();
    auto footer = decode_footer(bytes, name());
    if (footer && footer->directory != seed_.directory)
        return corrupt(facts_.file_bytes - footer_bytes, "the file belongs to another data directory");
    return footer;
}

Result<Bytes> Table::read_part(BlockPlace place, const char* what) const {
    std::uint64_t room = facts_.file_bytes - footer_bytes;
    if (place.offset > room || place.bytes > room - place.offset)
        return corrupt(place.offset, "a part lies outside the file");
    Bytes sealed;
    if (auto done = file_->read(place.offset, place.bytes, sealed); !done) return done.error();
    auto raw = open_block(sealed, seed_.value(place.offset));
    if (!raw) return corrupt(place.offset, kit::text(what, ": ", raw.error().detail));
    return raw;
}

Result<void> Table::read_ends() {
    auto footer = read_footer();
    if (!footer) return footer.error();
    auto filter = read_part(footer->filter, "filter");
    if (!filter) return filter.error();
    auto index = read_part(footer->index, "index");
    if (!index) return index.error();
    filter_ = std::move(*filter);
    BlockIndex decoded;
    if (!decoded.decode(*index, footer->filter.offset))
        return corrupt(footer->index.offset, "the index does not hold together");
    take_index(std::move(decoded));
    return {};
}

Result<std::uint64_t> Table::verify_ends() const {
    auto footer = read_footer();
    if (!footer) return footer.error();
    std::uint64_t bytes = footer_bytes;
    for (auto [place, what] :
         {std::pair{footer->filter, "filter"}, {footer->index, "index"}, {footer->facts, "facts"}}) {
        auto raw = read_part(place, what);
        if (!raw) return raw.error();
        bytes += place.bytes;
    }
    return bytes;
}

bool Table::excludes(const EntryKey& key, std::uint64_t hash) const {
    return !covers(key) || (!broken_ && !bloom_may_hold(filter_, hash));
}

Result<Table::Lookup> Table::get(const EntryKey& key, std::uint64_t hash, Reach reach, BlockCache& cache) const {
    Lookup out;
    if (broken_) return *broken_;
    if (!bloom_may_hold(filter_, hash)) return out;
    std::size_t i = index_.find(key);
    if (i == index_.size()) return out;
    BlockPlace place = index_.place(i);
    out.pin = cache.find(facts_.number, place.offset);
    if (out.pin == nullptr) {
        if (reach == Reach::memory) {
            out.state = Found::State::needs_disk;
            return out;
        }
        Bytes sealed;
        if (auto done = read_sealed(i, i, sealed); !done) return done.error();
        auto raw = unseal(i, sealed);
        if (!raw) return raw.error();
        out.pin = std::make_shared<const Bytes>(std::move(*raw));
        cache.keep(facts_.number, place.offset, out.pin);
    }
    switch (find_in_block(*out.pin, key, out.entry)) {
        case Seen::present:
            out.state = Found::State::present;
            break;
        case Seen::absent:
            out.pin.reset();
            break;
        case Seen::malformed:
            return malformed(i);
    }
    return out;
}

Result<void> Table::read_sealed(std::size_t from, std::size_t to, Bytes& out) const {
    BlockPlace first = index_.place(from);
    BlockPlace last = index_.place(to);
    std::uint64_t bytes = last.offset + last.bytes - first.offset;
    if (auto done = file_->read(first.offset, static_cast<std::size_t>(bytes), out); !done) {
        read_failures_.fetch_add(1, std::memory_order_relaxed);
        return fail(done.error().code, kit::text(name(), " at offset ", first.offset, ": ", done.error().detail));
    }
    if (out.size() != bytes) return corrupt(first.offset, "the file ends too early");
    return {};
}

Result<Bytes> Table::unseal(std::size_t i, View sealed) const {
    auto raw = open_block(sealed, seed_.value(index_.place(i).offset));
    if (!raw) return corrupt(index_.place(i).offset, raw.error().detail);
    return raw;
}

}  // namespace ashlar::lsm
