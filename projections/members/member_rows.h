// The rows of the members projection.
//
//   'c' member          -> card: every field of MemberCard but the id
//   'h' lower(handle)   -> varint member id
//
// Cards hold personal fields in the clear: a read model is thrown away with
// the person, the log is not.
#ifndef DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_ROWS_H_
#define DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_ROWS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/queries/views.h"

namespace dailyfeed::members {

std::string CardKey(MemberId id);
// Handles are unique without regard to ASCII case.
std::string HandleKey(std::string_view handle);

std::string EncodeCard(const MemberCard& card);
absl::StatusOr<MemberCard> DecodeCard(MemberId id, std::string_view row);

std::string EncodeHandle(MemberId id);
absl::StatusOr<MemberId> DecodeHandle(std::string_view row);

}  // namespace dailyfeed::members

#endif  // DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_ROWS_H_
