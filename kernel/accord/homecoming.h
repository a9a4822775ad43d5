// A member that comes back with an empty disk: another node to the ring, the same name to people.
//
// It has a new id, no ring and no vote; the member whose name, data centre and rack it bears is down. Taking its place
// means that the claims of the old id become the new one's; what they hold it must be given, and until then it does not
// answer for them (repair/gaps.h): so a read that asks R owners still meets a write that W had acknowledged. Pure.
#pragma once

#include <optional>

#include "accord/neighbours.h"
#include "ledger/ledger.h"

namespace ashlar::accord {

struct Homecoming {
    NodeId was;
    Member now;
    bool operator==(const Homecoming&) const = default;
};

/// The first there is; none where a name is borne twice, for then nobody can tell who is meant. `noted`: names of
/// members that nobody in the roster has heard of, as after an outage of all nodes, of which one came back empty.
std::optional<Homecoming> homecoming(const ledger::Agreed& held, const std::vector<Sighting>& sightings,
                                     const std::vector<ledger::Address>& noted);
/// Whether this state makes a node an owner that has nothing of what the ring may hold: what it owns is a gap, durable
/// with the state itself. A founder that only now hears of the ring it voted for has missed nothing it ever took.
bool comes_empty(const ledger::State& at, const ledger::Agreed& now);
/// An edit; refuses with conflict when somebody else has made it.
Result<void> take_home(ledger::Agreed& state, const Homecoming& who);

}  // namespace ashlar::accord
