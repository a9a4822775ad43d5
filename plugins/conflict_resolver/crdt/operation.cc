#include "operation.h"

#include "codec.h"
#include "kit/bytes.h"
#include "kit/text.h"

namespace ashlar::crdt {
namespace {

constexpr View mark("\xcd"
                    "crdt\x01",
                    6);
/// Each looks at every fact that is held: the largest value and operation together keep the loop for some 20 ms.
constexpr std::uint64_t steps_most = 100;
constexpr std::uint64_t step_least = 2;

/// A path stands in an operation without its length: it tells its own end.
View take_path(kit::Reader& in) {
    const char* from = in.position();
    const std::uint64_t names = in.varint();
    if (names > depth_most) in.spoil();
    for (std::uint64_t i = 0; i < names && in.ok(); ++i) in.blob();
    if (in.bad()) return {};
    const View path(from, static_cast<std::size_t>(in.position() - from));
    if (!names_of(path)) in.spoil();
    return path;
}

Step take_step(kit::Reader& in) {
    Step step;
    step.path = take_path(in);
    step.verb = static_cast<Verb>(in.u8());
    switch (step.verb) {
        case Verb::increment:
            step.amount = unzigzag(in.varint());
            return step;
        case Verb::add:
        case Verb::remove:
        case Verb::assign:
            step.data = in.blob();
            return step;
        case Verb::clear:
            return step;
    }
    in.spoil();
    return step;
}

Facet facet_of(const Step& step) {
    if (step.path.size() > 1) return Facet::map;
    if (step.verb == Verb::increment) return Facet::counter;
    if (step.verb == Verb::assign) return Facet::reg;
    return step.verb == Verb::clear ? Facet::plain : Facet::set;
}

}  // namespace

bool is_operation(View value) {
    return value.substr(0, mark.size()) == mark;
}

Result<Operation> parse_operation(View value) {
    const Error malformed = fail(Code::invalid_request,
                                 "the value begins like an operation of the resolver crdt and is none: 1 to 100 steps, "
                                 "each a path of at most 8 UTF-8 names, a verb and its argument");
    kit::Reader in(value.substr(mark.size()));
    const std::uint64_t steps = in.count(step_least);
    if (in.bad() || steps == 0 || steps > steps_most) return malformed;
    Operation out;
    for (std::uint64_t i = 0; i < steps && in.ok(); ++i) out.steps.push_back(take_step(in));
    if (!in.done()) return malformed;
    out.facet = facet_of(out.steps.front());
    for (const Step& step : out.steps) {
        const Facet facet = facet_of(step);
        if (facet == Facet::plain)
            return fail(Code::invalid_request, "clear needs the name of a field; remove the key to take all of it away");
        if (facet != out.facet)
            return fail(Code::invalid_request, kit::text("one operation is about one kind of value, this one is about ",
                                                         kind_of(out.facet), " and about ", kind_of(facet)));
    }
    return out;
}

View kind_of(Facet facet) {
    switch (facet) {
        case Facet::plain:
            return "a plain value";
        case Facet::reg:
            return "a register";
        case Facet::counter:
            return "a counter";
        case Facet::set:
            return "a set";
        case Facet::map:
            return "a map";
    }
    return "a value";
}

}  // namespace ashlar::crdt
