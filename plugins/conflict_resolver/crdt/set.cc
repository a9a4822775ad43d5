// Sets: an element is in as long as some write that added it is not seen as taken away.
#include <algorithm>

#include "state.h"
#include "text.h"

namespace ashlar::crdt {

Bytes set_text(const std::vector<View>& elements) {
    std::vector<View> sorted = elements;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    Bytes out = "[";
    for (View element : sorted) {
        if (out.size() > 1) out.push_back(',');
        put_json(out, element);
    }
    out.push_back(']');
    return out;
}

}  // namespace ashlar::crdt
