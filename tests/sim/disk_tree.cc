#include "disk_tree.h"

#include <algorithm>

#include "kit/text.h"

namespace ashlar::sim {

namespace {

constexpr std::uint64_t sector = 512;

std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (from <= path.size() && !path.empty()) {
        std::size_t slash = std::min(path.find('/', from), path.size());
        parts.push_back(path.substr(from, slash - from));
        from = slash + 1;
    }
    return parts;
}

bool allowed(const std::vector<std::string>& parts) {
    return std::none_of(parts.begin(), parts.end(),
                        [](const std::string& part) { return part.empty() || part == "." || part == ".."; });
}

}  // namespace

Result<NodeRef> DiskTree::find(const std::string& path) const {
    auto parts = parts_of(path);
    if (!allowed(parts)) return fail(Code::invalid_request, kit::text("path not allowed: ", path));
    NodeRef at = root_;
    for (const std::string& part : parts) {
        auto next = at->names.find(part);
        if (next == at->names.end()) return fail(Code::not_found, kit::text("no such file: ", path));
        at = next->second;
    }
    return at;
}

Result<DiskTree::Spot> DiskTree::spot(const std::string& path) const {
    auto parts = parts_of(path);
    if (parts.empty() || !allowed(parts)) return fail(Code::invalid_request, kit::text("path not allowed: ", path));
    std::size_t slash = path.rfind('/');
    auto directory = find(slash == std::string::npos ? "" : path.substr(0, slash));
    if (!directory) return directory.error();
    if (!(*directory)->directory) return fail(Code::io, kit::text("not a directory above ", path));
    return Spot{*directory, parts.back()};
}

void DiskTree::record(std::vector<Assignment> assignments) {
    for (const Assignment& a : assignments) {
        if (a.target)
            a.directory->names[a.name] = a.target;
        else
            a.directory->names.erase(a.name);
    }
    pending_.push_back(Change{std::move(assignments), false});
}

Result<NodeRef> DiskTree::create(const std::string& path, bool directory) {
    auto where = spot(path);
    if (!where) return where.error();
    if (where->directory->names.count(where->name) != 0) return fail(Code::io, kit::text("exists already: ", path));
    auto made = std::make_shared<TreeNode>();
    made->directory = directory;
    record({{where->directory, where->name, made}});
    return made;
}

Result<void> DiskTree::remove(const std::string& path) {
    auto where = spot(path);
    if (!where) return where.error();
    auto found = where->directory->names.find(where->name);
    if (found == where->directory->names.end()) return fail(Code::not_found, kit::text("no such file: ", path));
    if (!found->second->names.empty()) return fail(Code::io, kit::text("directory not empty: ", path));
    record({{where->directory, where->name, nullptr}});
    return {};
}

Result<void> DiskTree::rename(const std::string& from, const std::string& to) {
    auto moved = find(from);
    if (!moved) return moved.error();
    auto source = spot(from);
    if (!source) return source.error();
    auto target = spot(to);
    if (!target) return target.error();
    auto replaced = target->directory->names.find(target->name);
    if (replaced != target->directory->names.end()) {
        if (replaced->second == *moved) return {};
        if (replaced->second->directory != (*moved)->directory || !replaced->second->names.empty())
            return fail(Code::io, kit::text("cannot be replaced: ", to));
    }
    record({{source->directory, source->name, nullptr}, {target->directory, target->name, *moved}});
    return {};
}

Result<void> DiskTree::link(const std::string& from, const std::string& to) {
    auto linked = find(from);
    if (!linked) return linked.error();
    if ((*linked)->directory) return fail(Code::io, kit::text("a directory has one name only: ", from));
    auto target = spot(to);
    if (!target) return target.error();
    if (target->directory->names.count(target->name) != 0) return fail(Code::io, kit::text("exists already: ", to));
    record({{target->directory, target->name, *linked}});
    return {};
}

void DiskTree::append(TreeNode& file, View bytes) {
    file.bytes.append(bytes);
    file.length = std::max<std::uint64_t>(file.length, file.bytes.size());
}

void DiskTree::reserve(TreeNode& file, std::uint64_t bytes) {
    file.length = std::max<std::uint64_t>(file.length, file.bytes.size() + bytes);
}

void DiskTree::sync_file(TreeNode& file, bool success) {
    if (!success && file.synced_bytes < file.bytes.size())
        file.doubtful.emplace_back(file.synced_bytes, file.bytes.size());
    file.synced_bytes = file.bytes.size();
    file.synced_length = file.length;
}

void DiskTree::sync_directory(const NodeRef& directory, bool success) {
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        const auto& changed = pending_[i].assignments;
        bool touches =
            std::any_of(changed.begin(), changed.end(), [&](const Assignment& a) { return a.directory == directory; });
        if (!touches || pending_[i].doubtful) continue;
        if (success)
            settle(i);
        else
            pending_[i].doubtful = true;
    }
    std::erase_if(pending_, [](const Change& change) { return change.assignments.empty(); });
}

/// Makes one change durable. What older changes said of the same names is history.
void DiskTree::settle(std::size_t index) {
    auto settled = std::exchange(pending_[index].assignments, {});
    for (const Assignment& a : settled) {
        if (a.target)
            a.directory->durable[a.name] = a.target;
        else
            a.directory->durable.erase(a.name);
        for (std::size_t i = 0; i < index; ++i)
            std::erase_if(pending_[i].assignments,
                          [&](const Assignment& b) { return b.directory == a.directory && b.name == a.name; });
    }
}

namespace {

/// Keeps or clears the sectors of [from, to) one by one.
void draw_sectors(Bytes& bytes, std::uint64_t from, std::uint64_t to, SeededRandom& random) {
    for (std::uint64_t at = from; at < to; at = (at / sector + 1) * sector) {
        std::uint64_t end = std::min((at / sector + 1) * sector, to);
        if (random.one_in(2)) std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), end - at, '\0');
    }
}

/// What a power cut leaves of a file.
NodeRef survivor(const TreeNode& file, Loss loss, SeededRandom& random) {
    auto out = std::make_shared<TreeNode>();
    std::uint64_t kept = loss == Loss::nothing ? file.bytes.size() : file.synced_bytes;
    std::uint64_t length = loss == Loss::nothing ? file.length : file.synced_length;
    Bytes bytes = file.bytes;
    std::uint64_t pending = file.bytes.size() - file.synced_bytes;
    if (loss == Loss::lottery) {
        switch (random.below(6)) {
            case 0:
                break;
            case 1:
                kept += pending;
                break;
            case 2:
                kept += random.below(pending + 1);
                break;
            case 3:
                kept = std::max(kept, (kept + random.below(pending + 1)) / sector * sector);
                break;
            default:
                draw_sectors(bytes, kept, bytes.size(), random);
                kept += pending;
        }
        length = random.one_in(2) ? file.length : file.synced_length;
    }
    for (auto [from, to] : file.doubtful) {
        if (loss == Loss::nothing) break;
        if (loss == Loss::lottery)
            draw_sectors(bytes, from, to, random);
        else
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), to - from, '\0');
    }
    bytes.resize(static_cast<std::size_t>(kept));
    bytes.resize(static_cast<std::size_t>(std::max(kept, length)), '\0');
    out->length = out->synced_length = out->synced_bytes = bytes.size();
    out->bytes = std::move(bytes);
    return out;
}

/// Copies what is reachable, keeping hard links together.
class Rescue {
public:
    Rescue(Loss loss, SeededRandom& random) : loss_(loss), random_(random) {}

    std::map<const TreeNode*, TreeNode::Names> names;  ///< of directories, where not simply the durable ones

    NodeRef copy(const TreeNode& node) {
        auto done = copies_.find(&node);
        if (done != copies_.end()) return done->second;
        NodeRef out = node.directory ? std::make_shared<TreeNode>() : survivor(node, loss_, random_);
        copies_[&node] = out;
        if (!node.directory) return out;
        out->directory = true;
        auto changed = names.find(&node);
        for (const auto& [name, child] : changed != names.end() ? changed->second : node.durable)
            out->names[name] = copy(*child);
        out->durable = out->names;
        return out;
    }

private:
    Loss loss_;
    SeededRandom& random_;
    std::map<const TreeNode*, NodeRef> copies_;
};

}  // namespace

DiskTree DiskTree::power_cut(Loss loss, std::uint64_t seed) const {
    SeededRandom random(seed);
    Rescue rescue(loss, random);
    std::uint64_t how = loss == Loss::nothing ? 1 : loss == Loss::everything ? 0 : random.below(5);
    std::uint64_t prefix = how == 0 ? 0 : how == 1 ? pending_.size() : random.below(pending_.size() + 1);
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        bool kept = i < prefix;
        if (how >= 3 || (pending_[i].doubtful && loss == Loss::lottery)) kept = random.one_in(2);
        if (!kept) continue;
        for (const Assignment& a : pending_[i].assignments) {
            auto& names = rescue.names.try_emplace(a.directory.get(), a.directory->durable).first->second;
            if (a.target)
                names[a.name] = a.target;
            else
                names.erase(a.name);
        }
    }
    DiskTree out;
    out.root_ = rescue.copy(*root_);
    return out;
}

namespace {

void walk(const TreeNode& node, const std::string& path, std::vector<std::string>& paths,
          std::map<const TreeNode*, std::uint64_t>& lengths) {
    for (const auto& [name, child] : node.names) {
        std::string below = path.empty() ? name : path + "/" + name;
        if (child->directory) {
            walk(*child, below, paths, lengths);
        } else {
            paths.push_back(below);
            lengths[child.get()] = child->length;
        }
    }
}

}  // namespace

std::uint64_t DiskTree::used() const {
    std::vector<std::string> paths;
    std::map<const TreeNode*, std::uint64_t> lengths;
    walk(*root_, "", paths, lengths);
    std::uint64_t sum = 0;
    for (const auto& [node, length] : lengths) sum += length;
    return sum;
}

std::vector<std::string> DiskTree::files() const {
    std::vector<std::string> paths;
    std::map<const TreeNode*, std::uint64_t> lengths;
    walk(*root_, "", paths, lengths);
    return paths;
}

}  // namespace ashlar::sim
