#include "adapters/embedded/personal_profiles.h"

#include <string>
#include <string_view>

#include "core/base/text.h"

namespace dailyfeed {
namespace {

constexpr std::string_view kNoImage = "no-image";

}  // namespace

v1::PersonalProfile ToProfile(const Registration& registration) {
  v1::PersonalProfile profile;
  profile.set_email(registration.email);
  profile.set_member_name(registration.member_name);
  profile.set_display_name(registration.display_name);
  profile.set_bio(registration.bio);
  profile.set_location(registration.location);
  profile.set_website_url(registration.website_url);
  profile.set_birth_date(registration.birth_date);
  profile.set_gender(registration.gender);
  profile.set_timezone(registration.timezone);
  profile.set_language_code(registration.language_code);
  profile.set_country_code(registration.country_code);
  profile.set_avatar_url(IsBlank(registration.avatar_url) ? std::string(kNoImage)
                                                          : registration.avatar_url);
  profile.set_cover_url(registration.cover_url);
  return profile;
}

v1::PersonalProfileChanges ToSealedChanges(const ProfileChanges& changes) {
  v1::PersonalProfileChanges sealed;
  if (changes.member_name) sealed.set_member_name(*changes.member_name);
  if (changes.display_name) sealed.set_display_name(*changes.display_name);
  if (changes.bio) sealed.set_bio(*changes.bio);
  if (changes.location) sealed.set_location(*changes.location);
  if (changes.website_url) sealed.set_website_url(*changes.website_url);
  if (changes.avatar_url) {
    sealed.set_avatar_url(IsBlank(*changes.avatar_url) ? std::string(kNoImage)
                                                       : *changes.avatar_url);
  }
  if (changes.birth_date && !changes.birth_date->empty()) {
    sealed.set_birth_date(*changes.birth_date);
  }
  if (changes.gender) sealed.set_gender(*changes.gender);
  if (changes.country_code) sealed.set_country_code(*changes.country_code);
  if (changes.language_code && !changes.language_code->empty()) {
    sealed.set_language_code(*changes.language_code);
  }
  return sealed;
}

}  // namespace dailyfeed
