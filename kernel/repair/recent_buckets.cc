#include "repair/recent_buckets.h"

#include <algorithm>
#include <utility>

namespace ashlar::repair {

void RecentBuckets::remember(TableId table, const TokenRange& bucket, const Keep& keep,
                             const std::vector<TokenContent>& tokens) {
    // What overlaps was another cut of the same tokens, or an older content of them.
    for (auto at = kept_.begin(); at != kept_.end();) {
        const bool overlaps =
            at->table == table && at->bucket.first <= bucket.last && bucket.first <= at->bucket.last;
        if (overlaps) tokens_ -= at->tokens.size();
        at = overlaps ? kept_.erase(at) : std::next(at);
    }
    if (tokens.size() > tokens_most) return;
    Kept& kept = kept_.emplace_front(Kept{table, bucket, keep, {}, tokens});
    for (const TokenContent& token : tokens) kept.whole += token.content;
    tokens_ += tokens.size();
    while (tokens_ > tokens_most || kept_.size() > buckets_most) {
        tokens_ -= kept_.back().tokens.size();
        kept_.pop_back();
    }
}

std::optional<Content> RecentBuckets::part(TableId table, const TokenRange& part, const Keep& keep,
                                           const BucketTree::Step& bucket) {
    auto at = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
        const bool same = kept.table == table && kept.bucket == bucket.tokens &&
                          kept.whole.keys == bucket.content.keys && kept.whole.sum == bucket.content.sum;
        return same && kept.keep.now <= keep.now && kept.keep.forget_before <= keep.forget_before &&
               kept.whole.holds(keep);
    });
    if (at == kept_.end()) return std::nullopt;
    kept_.splice(kept_.begin(), kept_, at);
    Content content;
    auto token = std::lower_bound(at->tokens.begin(), at->tokens.end(), part.first,
                                  [](const TokenContent& one, Token first) { return one.token < first; });
    for (; token != at->tokens.end() && token->token <= part.last; ++token) content += token->content;
    return content;
}

}  // namespace ashlar::repair
