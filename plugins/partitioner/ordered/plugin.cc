// The descriptor of partitioner/ordered.
#include "ashlar/plugin.h"

#include <array>
#include <memory>
#include <string>

#include "ordered.h"

namespace {

constexpr std::array settings{
    ashlar::SettingSpec{"claims", ashlar::SettingType::integer, "1024", 1, 4096, nullptr,
                        "Into how many ranges of keys the first ring is cut; later plans halve those that carry more "
                        "than twice their share. At least 32 for every node there will ever be."},
    ashlar::SettingSpec{"alphabet", ashlar::SettingType::text, "text", 0, 0, "bytes|text|hex|digits",
                        "What keys begin with: the first cuts are equally far apart for keys of these characters."},
};

ashlar::Result<std::unique_ptr<ashlar::Partitioner>> make(ashlar::Host&, const ashlar::Settings& given) {
    using ashlar::ordered::Alphabet;
    const std::string& name = given.text("alphabet");
    const Alphabet alphabet = name == "hex"      ? Alphabet::hex
                              : name == "digits" ? Alphabet::digits
                              : name == "bytes"  ? Alphabet::bytes
                                                 : Alphabet::text;
    return std::unique_ptr<ashlar::Partitioner>(
        new ashlar::ordered::Ordered(static_cast<std::uint32_t>(given.integer("claims")), alphabet));
}

}  // namespace

ASHLAR_PLUGIN(partitioner, ashlar::Partitioner, "ordered", "1.0.0",
              "Tokens in the order of keys: scans in key order, at the price of an even spread.",
              ashlar::deterministic | ashlar::cluster_affecting, settings, make)
