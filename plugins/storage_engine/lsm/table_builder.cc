#include "table_builder.h"

#include "bloom.h"

namespace ashlar::lsm {

namespace {
constexpr std::size_t write_bytes = 256 * 1024;
}

TableBuilder::TableBuilder(std::uint64_t number, std::uint64_t directory, const Tuning& tuning)
    : tuning_(tuning), seed_{directory, number} {
    facts_.number = number;
}

Result<std::unique_ptr<TableBuilder>> TableBuilder::create(Disk& disk, const std::string& path, std::uint64_t number,
                                                           std::uint64_t directory, const Tuning& tuning) {
    std::unique_ptr<TableBuilder> made(new TableBuilder(number, directory, tuning));
    auto file = disk.create(path);
    if (!file) return file.error();
    made->file_ = std::move(*file);
    return made;
}

Result<void> TableBuilder::add(const EntryKey& key, View entry, Lasting lasting) {
    if (!blocks_.empty() && blocks_.bytes() >= tuning_.block_bytes)
        if (auto done = end_block(&key); !done) return done;
    if (facts_.entries == 0) facts_.first = OwnedKey(key);
    blocks_.add(key, entry);
    hashes_.push_back(bloom_hash(key));
    last_.token = key.token;
    last_.table = key.table;
    last_.key.assign(key.key);
    facts_.entries += 1;
    facts_.entry_bytes += order_prefix_bytes + key.key.size() + entry.size();
    facts_.mortal += lasting != Lasting::lives ? 1 : 0;
    facts_.dead += lasting == Lasting::dead ? 1 : 0;
    return {};
}

BlockPlace TableBuilder::seal(View raw, bool compress) {
    BlockPlace place{offset_, 0};
    place.bytes = seal_block(out_, raw, compress, seed_.value(offset_));
    offset_ += place.bytes;
    return place;
}

Result<void> TableBuilder::end_block(const EntryKey* next) {
    BlockPlace place = seal(blocks_.finish(), tuning_.compress);
    index_.add(last_.view(), next, place);
    return write_out(write_bytes);
}

Result<void> TableBuilder::write_out(std::size_t least) {
    if (out_.size() < least) return {};
    auto done = file_->append(out_);
    out_.clear();
    return done;
}

Result<TableParts> TableBuilder::finish(Sequence through, WallTime now) {
    if (!blocks_.empty())
        if (auto done = end_block(nullptr); !done) return done.error();
    facts_.last = last_;
    facts_.through = through;
    facts_.made = now;
    Footer footer;
    footer.directory = seed_.directory;
    Bytes filter = build_bloom(hashes_, tuning_.bloom_bits);
    footer.filter = seal(filter, false);
    Bytes coded;
    kit::Writer w(coded);
    index_.encode(w);
    footer.index = seal(coded, tuning_.compress);
    coded.clear();
    encode_facts(w, facts_);
    footer.facts = seal(coded, false);
    out_.append(encode_footer(footer));
    offset_ = offset_ + footer_bytes;
    if (auto done = write_out(0); !done) return done.error();
    auto synced = file_->sync();
    // Want of room passes: the file is thrown away and another one made.
    sync_failed_ = !synced && synced.error().code != Code::no_space;
    if (!synced) return synced.error();
    facts_.file_bytes = file_->size();
    file_.reset();
    return TableParts{facts_, std::move(filter), std::move(index_)};
}

}  // namespace ashlar::lsm
