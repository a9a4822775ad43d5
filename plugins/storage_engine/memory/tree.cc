#include "tree.h"

#include <utility>

#include "kit/hash.h"

namespace ashlar::memory {

struct Tree::Node {
    ItemRef item;
    std::uint64_t priority;
    NodeRef left;
    NodeRef right;
};

ItemRef Tree::find(const EntryKey& key) const {
    const Node* at = root_.get();
    while (at) {
        auto order = key <=> at->item->at();
        if (order == 0) return at->item;
        at = (order < 0 ? at->left : at->right).get();
    }
    return nullptr;
}

ItemRef Tree::forward(const EntryKey& key, bool beyond) const {
    const Node* best = nullptr;
    const Node* at = root_.get();
    while (at) {
        auto order = at->item->at() <=> key;
        bool fits = beyond ? order > 0 : order >= 0;
        if (fits) best = at;
        at = (fits ? at->left : at->right).get();
    }
    return best ? best->item : nullptr;
}

ItemRef Tree::backward(const EntryKey& key, bool beyond) const {
    const Node* best = nullptr;
    const Node* at = root_.get();
    while (at) {
        auto order = at->item->at() <=> key;
        bool fits = beyond ? order < 0 : order <= 0;
        if (fits) best = at;
        at = (fits ? at->right : at->left).get();
    }
    return best ? best->item : nullptr;
}

ItemRef Tree::last() const {
    const Node* at = root_.get();
    while (at && at->right) at = at->right.get();
    return at ? at->item : nullptr;
}

Tree Tree::with(ItemRef item) const {
    std::uint64_t priority = kit::hash64(item->key, seed_ ^ item->token ^ item->table.value);
    return {seed_, insert(root_, std::make_shared<Node>(Node{std::move(item), priority, nullptr, nullptr}))};
}

Tree Tree::without(const EntryKey& key) const {
    return {seed_, erase(root_, key)};
}

Tree::NodeRef Tree::make(const Node& like, NodeRef left, NodeRef right) {
    return std::make_shared<Node>(Node{like.item, like.priority, std::move(left), std::move(right)});
}

Tree::NodeRef Tree::insert(const NodeRef& at, const NodeRef& fresh) {
    if (!at) return fresh;
    auto order = fresh->item->at() <=> at->item->at();
    if (order == 0) return make(*fresh, at->left, at->right);
    if (order < 0) {
        NodeRef left = insert(at->left, fresh);
        if (left->priority <= at->priority) return make(*at, std::move(left), at->right);
        return make(*left, left->left, make(*at, left->right, at->right));
    }
    NodeRef right = insert(at->right, fresh);
    if (right->priority <= at->priority) return make(*at, at->left, std::move(right));
    return make(*right, make(*at, at->left, right->left), right->right);
}

Tree::NodeRef Tree::erase(const NodeRef& at, const EntryKey& key) {
    if (!at) return nullptr;
    auto order = key <=> at->item->at();
    if (order == 0) return merge(at->left, at->right);
    if (order < 0) return make(*at, erase(at->left, key), at->right);
    return make(*at, at->left, erase(at->right, key));
}

Tree::NodeRef Tree::merge(const NodeRef& a, const NodeRef& b) {
    if (!a || !b) return a ? a : b;
    if (a->priority >= b->priority) return make(*a, a->left, merge(a->right, b));
    return make(*b, merge(a, b->left), b->right);
}

}  // namespace ashlar::memory
