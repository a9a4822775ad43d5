#include "cases.h"

#include <cstdlib>
#include <utility>

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_crdt;
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_dotted_version_vector;
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_last_write_wins;
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_vector_clock;
}

namespace ashlar::contract {

namespace {

template <class T>
T value_or_fail(Result<T> result) {
    if (result) return std::move(*result);
    ADD_FAILURE() << result.error().detail;
    return {};
}

}  // namespace

std::uint64_t rounds(std::uint64_t quick, std::uint64_t thorough) {
    const char* asked = std::getenv("ASHLAR_DEEP");
    return asked != nullptr && View(asked) == "1" ? thorough : quick;
}

void PrintTo(const ResolverCase& c, std::ostream* out) {
    *out << c.descriptor->name;
}

std::vector<ResolverCase> all_resolvers() {
    return {{&ashlar_plugin_conflict_resolver_crdt},
            {&ashlar_plugin_conflict_resolver_dotted_version_vector},
            {&ashlar_plugin_conflict_resolver_last_write_wins},
            {&ashlar_plugin_conflict_resolver_vector_clock}};
}

std::string resolver_name(const testing::TestParamInfo<ResolverCase>& made) {
    return made.param.descriptor->name;
}

Change ResolverContract::put(View value, const Dot& dot, View context) const {
    Change change;
    change.value = value;
    change.dot = dot;
    change.context = kept_.emplace_back(context);
    change.wall = WallTime{++wall_};
    return change;
}

Change ResolverContract::removal(const Dot& dot, View context) const {
    Change change = put({}, dot, context);
    change.remove = true;
    return change;
}

Bytes ResolverContract::update(View held, const Change& change) const {
    return value_or_fail(resolver_->update(held, change));
}
Bytes ResolverContract::join(View a, View b) const {
    return value_or_fail(resolver_->join(a, b));
}
Bytes ResolverContract::settle(View entry, const Keep& keep) const {
    return value_or_fail(resolver_->settle(entry, keep));
}

Reading ResolverContract::read(View entry, WallTime now) const {
    Reading reading;
    Result<void> done = resolver_->read(entry, now, reading);
    EXPECT_TRUE(done) << done.error().detail;
    return reading;
}

std::vector<std::string> ResolverContract::values(View entry, WallTime now) const {
    const Reading reading = read(entry, now);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < reading.values; ++i) out.emplace_back(reading.versions[i].value);
    std::sort(out.begin(), out.end());
    return out;
}

void ResolverContract::expect_sound(View entry) const {
    const Result<void> checked = resolver_->check(entry);
    EXPECT_TRUE(checked) << checked.error().detail;
}

}  // namespace ashlar::contract
