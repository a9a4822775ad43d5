#include "host/config_text.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>

#include "kit/text.h"

namespace ashlar::host {
namespace {

/// Thrown out of the parser's callbacks and caught below, in this file.
struct Refused {
    int line;
    std::string reason;
};

/// Turns the parser's events into settings. A tree is never built, so its cost is that of the text.
class Flattener final : public YAML::EventHandler {
public:
    explicit Flattener(const std::string& file) : file_(file) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnAnchor(const YAML::Mark& mark, const std::string&) override { no_anchor(mark); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { no_anchor(mark); }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        if (anchor != YAML::NullAnchor) no_anchor(mark);
        if (levels_.empty()) return;  // an empty file
        scalar(mark, "", true);
    }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  const std::string& value) override {
        if (anchor != YAML::NullAnchor) no_anchor(mark);
        scalar(mark, value, false);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        if (anchor != YAML::NullAnchor) no_anchor(mark);
        if (levels_.empty() || levels_.back().sequence || levels_.back().key.empty())
            refuse(mark, "a list stands where a setting is expected");
        Level level;
        level.sequence = true;
        level.line = mark.line + 1;
        levels_.push_back(std::move(level));
    }
    void OnSequenceEnd() override {
        Level done = std::move(levels_.back());
        levels_.pop_back();
        add(done.line, done.list, false);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        if (anchor != YAML::NullAnchor) no_anchor(mark);
        if (levels_.size() >= config_depth_max) refuse(mark, "nested too deep");
        if (!levels_.empty() && (levels_.back().sequence || levels_.back().key.empty()))
            refuse(mark, "a section stands where a value is expected");
        levels_.emplace_back();
    }
    void OnMapEnd() override {
        levels_.pop_back();
        if (!levels_.empty()) levels_.back().key.clear();
    }

    std::vector<WrittenSetting> take() { return std::move(out_); }

private:
    struct Level {
        bool sequence = false;
        bool listed = false;  ///< a sequence that has an item
        int line = 0;         ///< where the list or the key stands
        std::string key;      ///< map: the key whose value comes next; empty when a key comes next
        std::string list;     ///< sequence: items so far
    };

    [[noreturn]] static void refuse(const YAML::Mark& mark, std::string reason) {
        throw Refused{mark.line + 1, std::move(reason)};
    }
    [[noreturn]] static void no_anchor(const YAML::Mark& mark) {
        refuse(mark, "anchors and aliases are not used here");
    }

    void scalar(const YAML::Mark& mark, const std::string& value, bool no_value) {
        if (levels_.empty()) refuse(mark, "settings are expected, as 'section:' and below it 'name: value'");
        Level& level = levels_.back();
        if (level.sequence) {
            if (no_value || value.find(',') != std::string::npos)
                refuse(mark, "an item of a list is empty or holds a comma");
            if (level.listed) level.list += ",";
            level.list += value;
            level.listed = true;
        } else if (level.key.empty()) {
            if (no_value || value.empty()) refuse(mark, "a setting has no name");
            if (value.size() > config_name_max) refuse(mark, "a setting's name is too long");
            level.key = value;
            level.line = mark.line + 1;
        } else {
            add(level.line, value, no_value);
        }
    }

    void add(int line, const std::string& text, bool no_value) {
        std::string name;
        for (const Level& level : levels_) name += (name.empty() ? "" : ".") + level.key;
        levels_.back().key.clear();
        if (out_.size() >= config_settings_max) throw Refused{line, "too many settings"};
        auto [before, fresh] = lines_.emplace(name, line);
        if (!fresh) throw Refused{line, kit::text(name, " is set already in line ", before->second)};
        out_.push_back(WrittenSetting{std::move(name), text, kit::text(file_, ":", line), no_value});
    }

    const std::string& file_;
    std::vector<Level> levels_;
    std::map<std::string, int> lines_;
    std::vector<WrittenSetting> out_;
};

Error at_line(const std::string& file, int line, std::string_view reason) {
    return fail(Code::invalid_request, kit::text(file, ":", line, ": ", reason));
}

}  // namespace

Result<std::vector<WrittenSetting>> read_config_text(const std::string& text, const std::string& file) {
    if (text.size() > config_bytes_max)
        return at_line(file, 1,
                       kit::text("the file has ", text.size(), " bytes; at most ", config_bytes_max, " are read"));
    try {
        std::istringstream in(text);
        YAML::Parser parser(in);
        Flattener flattener(file);
        parser.HandleNextDocument(flattener);
        if (parser.HandleNextDocument(flattener)) return at_line(file, 1, "holds more than one document");
        return flattener.take();
    } catch (const Refused& refused) {
        return at_line(file, refused.line, refused.reason);
    } catch (const YAML::Exception& error) {
        return at_line(file, error.mark.line + 1, error.msg);
    } catch (const std::exception& error) {
        return at_line(file, 1, error.what());
    }
}

}  // namespace ashlar::host
