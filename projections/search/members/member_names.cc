#include "projections/search/members/member_names.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "projections/search/members/loose_name.h"

namespace dailyfeed::search {
namespace {

// What a chunk takes beside what its vectors hold.
constexpr size_t kChunkBytes = sizeof(MemberNames::Chunk) + 32;

}  // namespace

std::string NamesText(std::string_view handle, std::string_view member_name,
                      std::string_view display_name) {
  std::string text;
  for (const std::string_view name : {handle, member_name, display_name}) {
    text += LooseName(name);
    text += kNameEnd;
  }
  return text;
}

std::array<std::string_view, kNames> SplitNames(std::string_view text) {
  std::array<std::string_view, kNames> names;
  for (std::string_view& name : names) {
    name = text.substr(0, text.find(kNameEnd));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
  }
  return names;
}

void MemberNames::Chunk::Reserve(size_t members, size_t text_bytes) {
  ids.reserve(members);
  ends.reserve(members);
  heads.reserve(members);
  texts.reserve(text_bytes);
}

void MemberNames::Chunk::Add(MemberId id, std::string_view text) {
  ids.push_back(id);
  texts += text;
  ends.push_back(static_cast<uint32_t>(texts.size()));
  std::array<char32_t, kNames> first = {};
  const std::array<std::string_view, kNames> names = SplitNames(text);
  for (size_t i = 0; i < kNames; ++i) {
    std::string_view rest = names[i];
    if (!rest.empty()) first[i] = NextCodePoint(&rest);
  }
  heads.push_back(first);
}

size_t MemberNames::Chunk::Bytes() const {
  return kChunkBytes + ids.capacity() * sizeof(MemberId) + ends.capacity() * sizeof(uint32_t) +
         heads.capacity() * sizeof(heads[0]) + texts.capacity();
}

MemberNames MemberNames::With(std::span<const Change> changes) const {
  MemberNames names;
  names.members_ = members_;
  names.bytes_ = bytes_;
  std::vector<ChunkMap<Chunk>::Slot> changed;
  const Chunk none;
  for (size_t at = 0; at < changes.size();) {
    const uint64_t number = changes[at].id / kChunkMembers;
    size_t behind = at;
    while (behind < changes.size() && changes[behind].id / kChunkMembers == number) ++behind;
    const Chunk* found = chunks_.Find(number);
    const Chunk& old = found == nullptr ? none : *found;
    auto chunk = std::make_shared<Chunk>();
    chunk->Reserve(old.ids.size() + behind - at, old.texts.size());
    size_t kept = 0;
    const auto keep_below = [&](MemberId id) {
      for (; kept < old.ids.size() && old.ids[kept] < id; ++kept) {
        chunk->Add(old.ids[kept], old.TextAt(kept));
      }
    };
    for (; at < behind; ++at) {
      keep_below(changes[at].id);
      if (kept < old.ids.size() && old.ids[kept] == changes[at].id) ++kept;
      if (changes[at].text.has_value()) chunk->Add(changes[at].id, *changes[at].text);
    }
    keep_below((number + 1) * kChunkMembers);
    names.members_ += chunk->ids.size();
    names.members_ -= old.ids.size();
    if (found != nullptr) names.bytes_ -= found->Bytes();
    if (chunk->ids.empty()) {
      changed.push_back({number, nullptr});
      continue;
    }
    chunk->texts.shrink_to_fit();
    names.bytes_ += chunk->Bytes();
    changed.push_back({number, std::move(chunk)});
  }
  names.chunks_ = chunks_.With(changed);
  return names;
}

std::optional<std::string_view> MemberNames::TextOf(MemberId id) const {
  const Chunk* chunk = chunks_.Find(id / kChunkMembers);
  if (chunk == nullptr) return std::nullopt;
  const auto found = std::lower_bound(chunk->ids.begin(), chunk->ids.end(), id);
  if (found == chunk->ids.end() || *found != id) return std::nullopt;
  return chunk->TextAt(static_cast<size_t>(found - chunk->ids.begin()));
}

}  // namespace dailyfeed::search
