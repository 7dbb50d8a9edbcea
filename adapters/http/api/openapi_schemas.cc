// The schemas of the OpenAPI document: section 5 of the contract and the bodies
// of section 6, property by property in the same order.
#include "adapters/http/api/openapi.h"

namespace dailyfeed::http {

const std::string_view kOpenApiSchemas = R"json({
  "Error": {
    "type": "object",
    "required": ["statusCode", "resultCode", "message", "path", "errorCode"],
    "properties": {
      "statusCode": {"type": "integer"},
      "resultCode": {"const": "FAIL"},
      "message": {"type": "string"},
      "path": {"type": "string"},
      "errorCode": {"type": "string"}
    }
  },
  "Member": {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
      "id": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "name": {"type": "string"}
    }
  },
  "Summary": {
    "type": "object",
    "required": [
      "memberId", "id", "memberName", "memberHandle", "displayName", "verificationStatus",
      "avatarUrl", "updatedAt"
    ],
    "properties": {
      "memberId": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "id": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "memberName": {"type": "string"},
      "memberHandle": {"type": "string"},
      "displayName": {"type": ["string", "null"]},
      "verificationStatus": {"enum": ["NONE", "PENDING", "VERIFIED"]},
      "avatarUrl": {"type": "string"},
      "updatedAt": {"type": "string", "examples": ["2025-10-15T12:34:56"]}
    }
  },
  "MemberProfile": {
    "type": "object",
    "required": [
      "id", "memberId", "memberName", "handle", "displayName", "bio", "location",
      "websiteUrl", "birthDate", "gender", "timezone", "languageCode", "countryCode",
      "verificationStatus", "privacyLevel", "profileCompletionScore", "isActive",
      "avatarUrl", "coverUrl", "createdAt", "updatedAt", "followersCount",
      "followingsCount", "followingCount"
    ],
    "properties": {
      "id": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "memberId": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "memberName": {"type": "string"},
      "handle": {"type": "string"},
      "displayName": {"type": ["string", "null"]},
      "bio": {"type": ["string", "null"]},
      "location": {"type": ["string", "null"]},
      "websiteUrl": {"type": ["string", "null"]},
      "birthDate": {"type": ["string", "null"]},
      "gender": {"type": ["string", "null"]},
      "timezone": {"type": ["string", "null"]},
      "languageCode": {"type": ["string", "null"]},
      "countryCode": {"type": ["string", "null"]},
      "verificationStatus": {"enum": ["NONE", "PENDING", "VERIFIED"]},
      "privacyLevel": {"enum": ["PUBLIC", "FRIENDS", "PRIVATE"]},
      "profileCompletionScore": {"type": "integer"},
      "isActive": {"type": "boolean"},
      "avatarUrl": {"type": "string"},
      "coverUrl": {"type": "string"},
      "createdAt": {"type": "string"},
      "updatedAt": {"type": "string"},
      "followersCount": {"type": "integer"},
      "followingsCount": {"type": "integer"},
      "followingCount": {"type": "integer"}
    }
  },
  "Post": {
    "type": "object",
    "required": [
      "id", "title", "content", "authorId", "authorName", "authorHandle",
      "authorAvatarUrl", "viewCount", "likeCount", "commentCount", "liked", "createdAt",
      "updatedAt"
    ],
    "properties": {
      "id": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "title": {"type": "string"},
      "content": {"type": "string"},
      "authorId": {"type": ["integer", "null"], "description": "null: the author has withdrawn"},
      "authorName": {"type": "string"},
      "authorHandle": {"type": "string"},
      "authorAvatarUrl": {"type": "string"},
      "viewCount": {"type": "integer"},
      "likeCount": {"type": "integer"},
      "commentCount": {"type": "integer"},
      "liked": {"type": "boolean"},
      "createdAt": {"type": "string", "examples": ["2025-10-15 12:34:56"]},
      "updatedAt": {"type": "string"}
    }
  },
  "PostStatistics": {
    "type": "object",
    "required": ["commentCount", "likeCount"],
    "properties": {
      "commentCount": {"type": "integer", "minimum": 0},
      "likeCount": {"type": "integer", "minimum": 0}
    }
  },
  "Comment": {
    "type": "object",
    "required": [
      "id", "liked", "content", "authorId", "authorName", "authorHandle",
      "authorAvatarUrl", "postId", "parentId", "depth", "likeCount", "replyCount",
      "createdAt", "updatedAt"
    ],
    "properties": {
      "id": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "liked": {"type": "boolean"},
      "content": {"type": "string"},
      "authorId": {"type": ["integer", "null"], "description": "null: the author has withdrawn"},
      "authorName": {"type": "string"},
      "authorHandle": {"type": "string"},
      "authorAvatarUrl": {"type": "string"},
      "postId": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "parentId": {"type": ["integer", "null"]},
      "depth": {"type": "integer", "minimum": 0, "maximum": 2},
      "likeCount": {"type": "integer"},
      "replyCount": {"type": "integer"},
      "createdAt": {"type": "string", "examples": ["2025-10-15T12:34:56.123456"]},
      "updatedAt": {"type": "string"}
    }
  },
  "AccessToken": {
    "type": "object",
    "required": ["accessToken", "expiresIn"],
    "properties": {
      "accessToken": {"type": "string"},
      "expiresIn": {"type": "integer", "description": "seconds"}
    }
  },
  "Session": {
    "type": "object",
    "required": [
      "sid", "createdAt", "lastUsedAt", "expiresAt", "userAgent", "address", "current"
    ],
    "properties": {
      "sid": {"type": "string"},
      "createdAt": {"type": "string"},
      "lastUsedAt": {"type": "string", "description": "Its last refresh, or its login"},
      "expiresAt": {"type": "string", "description": "Unless it is refreshed before"},
      "userAgent": {"type": "string"},
      "address": {"type": "string"},
      "current": {"type": "boolean", "description": "The session that asks"}
    }
  },
  "SignUpRequest": {
    "type": "object",
    "required": ["email", "password", "memberName", "handle", "gender", "countryCode"],
    "properties": {
      "email": {"type": "string", "maxLength": 100},
      "password": {"type": "string", "minLength": 8, "maxLength": 50},
      "memberName": {"type": "string", "minLength": 2, "maxLength": 30},
      "handle": {"type": "string", "minLength": 3, "maxLength": 50, "pattern": "^[A-Za-z0-9_]+$"},
      "displayName": {"type": "string", "maxLength": 50},
      "bio": {"type": "string", "maxLength": 500},
      "location": {"type": "string", "maxLength": 100},
      "websiteUrl": {"type": "string", "maxLength": 200},
      "birthDate": {"type": "string", "examples": ["1990-01-01"]},
      "gender": {"enum": ["MALE", "FEMALE", "OTHER", "PREFER_NOT_TO_SAY"]},
      "timezone": {"type": "string", "default": "UTC", "maxLength": 50},
      "languageCode": {"type": "string", "default": "en", "minLength": 2, "maxLength": 5},
      "countryCode": {"enum": ["KR", "US", "JP", "CN", "GB", "DE", "FR", "CA", "AU", "IN"]},
      "verificationStatus": {"enum": ["NONE", "PENDING", "VERIFIED"]},
      "privacyLevel": {"enum": ["PUBLIC", "FRIENDS", "PRIVATE"]},
      "isActive": {"type": "boolean"},
      "avatarUrl": {"type": "string", "maxLength": 1000},
      "coverUrl": {"type": "string", "maxLength": 500}
    },
    "examples": [
      {"email": "minji@example.com", "password": "Secret1!x", "memberName": "Kim Minji",
       "handle": "minji", "gender": "FEMALE", "countryCode": "KR"}
    ]
  },
  "LoginRequest": {
    "type": "object",
    "required": ["email", "password"],
    "properties": {
      "email": {"type": "string"},
      "password": {"type": "string"}
    },
    "examples": [{"email": "minji@example.com", "password": "Secret1!x"}]
  },
  "IdsRequest": {
    "type": "object",
    "properties": {
      "ids": {
        "type": ["array", "null"], "maxItems": 1000,
        "items": {"type": "integer", "minimum": 1, "maximum": 9007199254740991}
      }
    }
  },
  "ToMemberIdsRequest": {
    "type": "object",
    "properties": {
      "toMemberIds": {
        "type": ["array", "null"], "maxItems": 1000,
        "items": {"type": "integer", "minimum": 1, "maximum": 9007199254740991}
      }
    }
  },
  "FollowerCount": {
    "type": "object",
    "required": ["toMemberId", "followingCount"],
    "properties": {
      "toMemberId": {"type": "integer", "minimum": 1},
      "followingCount": {"type": "integer", "minimum": 1}
    }
  },
  "HandleRequest": {
    "type": "object",
    "required": ["newHandle"],
    "properties": {
      "newHandle": {"type": "string", "minLength": 3, "maxLength": 50, "pattern": "^[A-Za-z0-9_]+$"}
    },
    "examples": [{"newHandle": "minji_2"}]
  },
  "ProfileRequest": {
    "type": "object",
    "properties": {
      "memberName": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
      "displayName": {"type": ["string", "null"], "maxLength": 100},
      "bio": {"type": ["string", "null"], "maxLength": 1000},
      "location": {"type": ["string", "null"], "maxLength": 100},
      "websiteUrl": {"type": ["string", "null"], "maxLength": 500},
      "avatarUrl": {"type": ["string", "null"], "maxLength": 500},
      "previousAvatarUrl": {
        "type": ["array", "null"], "items": {"type": "string"},
        "description": "Pictures of the caller to delete, except the one now in avatarUrl"
      },
      "birthDate": {"type": ["string", "null"], "examples": ["1990-01-01"]},
      "gender": {"enum": ["MALE", "FEMALE", "OTHER", "PREFER_NOT_TO_SAY", null]},
      "countryCode": {"enum": ["KR", "US", "JP", "CN", "GB", "DE", "FR", "CA", "AU", "IN", null]},
      "privacyLevel": {"enum": ["PUBLIC", "FRIENDS", "PRIVATE", null]},
      "languageCode": {"type": ["string", "null"], "maxLength": 10}
    },
    "examples": [{"displayName": "민지", "bio": "안녕하세요"}]
  },
  "PasswordChangeRequest": {
    "type": "object",
    "required": ["currentPassword", "newPassword"],
    "properties": {
      "currentPassword": {"type": "string"},
      "newPassword": {"type": "string", "minLength": 8, "maxLength": 50}
    },
    "examples": [{"currentPassword": "Secret1!x", "newPassword": "Other2@yy"}]
  },
  "PostRequest": {
    "type": "object",
    "required": ["content"],
    "properties": {
      "title": {"type": ["string", "null"], "maxLength": 100},
      "content": {"type": "string", "minLength": 1, "maxLength": 5000}
    },
    "examples": [{"title": "", "content": "안녕하세요"}]
  },
  "CommentRequest": {
    "type": "object",
    "required": ["content", "postId"],
    "properties": {
      "content": {"type": "string", "minLength": 1, "maxLength": 1000},
      "postId": {"type": "integer", "minimum": 1, "maximum": 9007199254740991}
    },
    "examples": [{"content": "좋아요", "postId": 1}]
  },
  "ReplyRequest": {
    "type": "object",
    "required": ["content", "postId", "parentId"],
    "properties": {
      "content": {"type": "string", "minLength": 1, "maxLength": 1000},
      "postId": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
      "parentId": {"type": "integer", "minimum": 1, "maximum": 9007199254740991}
    },
    "examples": [{"content": "저도요", "postId": 1, "parentId": 1}]
  },
  "PictureDeletionRequest": {
    "type": "object",
    "properties": {
      "imageUrls": {"type": ["array", "null"], "items": {"type": "string"}, "maxItems": 1000}
    },
    "examples": [{"imageUrls": ["/api/images/view/5b8f6f0e-8a43-4f0e-9b1d-0d6b0f3f2a11"]}]
  },
  "CommentEditRequest": {
    "type": "object",
    "required": ["content"],
    "properties": {
      "content": {"type": "string", "minLength": 1, "maxLength": 1000}
    },
    "examples": [{"content": "고친 댓글"}]
  }
})json";

}  // namespace dailyfeed::http
