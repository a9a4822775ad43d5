#include "scrub.h"

#include <algorithm>

#include "damage.h"
#include "kit/text.h"
#include "names.h"

namespace ashlar::lsm {
namespace {

constexpr std::uint64_t read_bytes = 256 * 1024;

class Scrubbing final : public ScrubWork {
public:
    Scrubbing(const State& state, std::uint64_t manifest_number, std::uint64_t manifest_bytes)
        : disk_(state.shop.disk),
          moment_(state.moment()),
          segments_(state.segments),
          manifest_number_(manifest_number),
          manifest_bytes_(manifest_bytes) {}

    void run() noexcept override {
        for (const auto& level : moment_.version->levels)
            for (const TablePtr& table : level) check_table(*table);
        check_current();
        if (manifest_number_ != 0) check_frames(manifest_name(manifest_number_), manifest_magic, manifest_bytes_);
        for (const auto& [number, length] : segments_) check_frames(log_name(number), log_magic, length);
    }
    Result<void> finish() noexcept override {
        moment_ = Moment{};
        return {};
    }

private:
    void report(const std::string& file, std::uint64_t offset, TokenRange tokens, const std::string& detail) {
        bad.push_back(BadBlock{file, offset, tokens, detail});
    }

    void check_table(const Table& table) {
        const TableFacts& facts = table.facts();
        TokenRange whole{facts.first.token, facts.last.token};
        auto ends = table.verify_ends();
        if (ends)
            bytes += *ends;
        else
            report(table.name(), facts.file_bytes, whole, ends.error().detail);
        if (table.broken()) return;
        const BlockIndex& index = table.index();
        Bytes sealed;
        for (std::size_t from = 0; from < index.size();) {
            std::size_t to = from;
            std::uint64_t start = index.place(from).offset;
            while (to + 1 < index.size() &&
                   index.place(to + 1).offset + index.place(to + 1).bytes - start <= read_bytes)
                ++to;
            auto read = table.read_sealed(from, to, sealed);
            for (std::size_t i = from; i <= to; ++i) {
                BlockPlace place = index.place(i);
                TokenRange tokens = tokens_of_block(table, i);
                ++blocks;
                bytes += place.bytes;
                auto raw = read ? table.unseal(i, View(sealed).substr(place.offset - start, place.bytes))
                                : Result<Bytes>(read.error());
                if (!raw)
                    report(table.name(), place.offset, tokens, raw.error().detail);
                else if (!items_.load(*raw))
                    report(table.name(), place.offset, tokens, table.malformed(i).detail);
            }
            from = to + 1;
        }
    }

    /// Files may leave while they are checked: a missing one is none of ours any more.
    bool read_file(const std::string& name, std::uint64_t most, Bytes& out) {
        auto file = disk_.open(name);
        auto done = file ? (*file)->read(0, static_cast<std::size_t>(std::min((*file)->size(), most)), out)
                         : Result<void>(file.error());
        if (!done && done.error().code != Code::not_found) report(name, 0, TokenRange{}, done.error().detail);
        if (done) bytes += out.size();
        return done.has_value();
    }

    void check_current() {
        Bytes content;
        if (!read_file(std::string(current_name), ~std::uint64_t{0}, content)) return;
        ++blocks;
        if (auto current = decode_current(content); !current)
            report(std::string(current_name), 0, TokenRange{}, current.error().detail);
    }

    void check_frames(const std::string& name, std::uint64_t magic, std::uint64_t length) {
        Bytes content;
        // A log file is longer than what was written to it.
        if (!read_file(name, length, content)) return;
        auto header = decode_header(content, magic, name);
        ++blocks;
        if (!header) return report(name, 0, TokenRange{}, header.error().detail);
        FrameScan scan = scan_frames(content, *header);
        blocks += scan.frames.size();
        if (scan.end < length) report(name, scan.end, TokenRange{}, "a record's checksum does not hold");
    }

    Disk& disk_;
    Moment moment_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> segments_;
    std::uint64_t manifest_number_;
    std::uint64_t manifest_bytes_;
    BlockItems items_;
};

}  // namespace

std::unique_ptr<ScrubWork> make_scrub(const State& state, std::uint64_t manifest_number, std::uint64_t manifest_bytes) {
    return std::make_unique<Scrubbing>(state, manifest_number, manifest_bytes);
}

}  // namespace ashlar::lsm
