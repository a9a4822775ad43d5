// One seed: a machine, its clients and what goes wrong, for 60 virtual seconds; then everything heals and all that
// was promised is looked for.
//
// The verdict is the first complaint, if any, and the hash of the trace. Same seed, same recipe, same hash.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client.h"
#include "verdict.h"

namespace ashlar::sim {

class World {
public:
    explicit World(const Plan& plan);
    Verdict run();

private:
    void complain(const std::string& what);
    // Faults, each scheduling its next.
    void schedule(Duration every, void (World::*act)());
    void crash();
    void clean_stop();
    void jump_clock();
    void fill_disk();
    void change_table();
    void watch_node();
    void restart_soon();
    void machine_crashed(Loss loss);
    void table_settled();
    Duration slack() const;
    // The end.
    void heal();
    void verify_all();
    void verify_scan(bool reverse);
    void verify_stop();
    OwnedAnswer ask(OwnedOrder order);

    Plan plan_;
    SeededRandom random_;
    bool persistent_ = false;
    Swarm swarm_;
    Trace trace_;
    Agenda agenda_;
    Walls walls_;
    TableWatch watch_;
    Verdict verdict_;
    std::unique_ptr<Model> model_;
    std::unique_ptr<Machine> machine_;
    std::unique_ptr<Town> town_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::map<std::string, std::vector<Bytes>> last_shown_;
    bool healed_ = false;
};

}  // namespace ashlar::sim
