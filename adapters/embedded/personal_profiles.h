// What is sealed of a registration and of changes of a profile. Internal to the
// facade. Pure functions; from any thread.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_PERSONAL_PROFILES_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_PERSONAL_PROFILES_H_

#include "adapters/embedded/forms/profile_changes.h"
#include "adapters/embedded/forms/registration.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {

v1::PersonalProfile ToProfile(const Registration& registration);

// The contract's meaning of empty texts; see ProfileChanges.
v1::PersonalProfileChanges ToSealedChanges(const ProfileChanges& changes);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_PERSONAL_PROFILES_H_
