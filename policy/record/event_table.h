/* The table of events: identifier, name, MESSAGE_ID, syslog priority, sentence. Included by event.h only. */
#pragma once

/* clang-format off */
#define BG_EVENT_TABLE(X)                                                                                  \
    X(REQUEST_CREATED, "request.created", "dd8a7d80022f46e8bce7300e1937e4df", 5,                           \
      "@PERSON@ requests @ROLE@ (@GRANT@): @REASON@")                                                      \
    X(REQUEST_DENIED, "request.denied", "531a1630ecdd45ea98af2bc2d1c7d954", 5,                             \
      "@ACTOR@ denied @PERSON@'s request for @ROLE@ (@GRANT@): @REASON@")                                  \
    X(REQUEST_GIVEN_BACK, "request.given-back", "05e73fcbc5d449f0b5bbe649a4e7e075", 6,                     \
      "@PERSON@ withdrew the request for @ROLE@ (@GRANT@)")                                                \
    X(REQUEST_LAPSED, "request.lapsed", "087c561f415e4bb09460ff480191b5d1", 5,                             \
      "@PERSON@'s request for @ROLE@ lapsed without enough approvals (@GRANT@)")                           \
    X(GRANT_APPROVED, "grant.approved", "1c22327dc9cc4544b3f40527da0a28a1", 5,                             \
      "@ACTOR@ approved @ROLE@ for @PERSON@ (@GRANT@)")                                                    \
    X(GRANT_OPEN, "grant.open", "7bb5c87eba7f4754ad4a79b9f50841da", 4,                                     \
      "@ROLE@ is open for @PERSON@ until @EXPIRES@ (@GRANT@): @REASON@")                                   \
    X(GRANT_USED, "grant.used", "f22671275c4d49f29f4aa94633b15ff7", 4,                                     \
      "@PERSON@ is in as @ACCOUNT@ from @RHOST@ with @ROLE@ until @EXPIRES@ (@GRANT@)")                    \
    X(GRANT_REFUSED, "grant.refused", "361efcca660349b4b63293e4a0beab7d", 4,                               \
      "refused: @PERSON@ as @ACCOUNT@ from @RHOST@: @WHY@")                                                \
    X(GRANT_EXPIRING, "grant.expiring", "feb88359637a4d08a9669e0ff3bbe8c3", 6,                             \
      "@ROLE@ for @PERSON@ ends at @EXPIRES@ (@GRANT@)")                                                   \
    X(GRANT_EXPIRED, "grant.expired", "ad71fd06ee104035a5613b4269785bf1", 5,                               \
      "@ROLE@ for @PERSON@ expired (@GRANT@): @WHY@")                                                      \
    X(GRANT_REVOKED, "grant.revoked", "29a33d5e7efb40509ac7ff621a5bdce1", 4,                               \
      "@ACTOR@ revoked @ROLE@ of @PERSON@ (@GRANT@): @REASON@")                                            \
    X(GRANT_GIVEN_BACK, "grant.given-back", "8725fbd3fc1c4a18a6ca9529d9fdda23", 5,                         \
      "@PERSON@ gave @ROLE@ back (@GRANT@)")                                                               \
    X(SESSION_OPENED, "session.opened", "9b8b94354f0940bc9fa95a1df47ed695", 6,                             \
      "session of @PERSON@ as @ACCOUNT@ from @RHOST@ opened (@SERVICE@)")                                  \
    X(SESSION_CLOSED, "session.closed", "9d3f8f12eafd4cb895f83f4ebbe9ce2c", 6,                             \
      "session of @PERSON@ as @ACCOUNT@ closed")                                                           \
    X(SESSION_KILLED, "session.killed", "8ded8330adb74d8cb3e1f7e114b4c496", 4,                             \
      "session of @PERSON@ as @ACCOUNT@ was ended: @WHY@")                                                 \
    X(AUTOMATION_USED, "automation.used", "f10b0de4ba74490d98f3fee0d37ffffb", 5,                           \
      "standing access: automation @PERSON@ is in as @ACCOUNT@ from @RHOST@")                              \
    X(STATEMENT_REJECTED, "statement.rejected", "a97b2a064df24d438145fcae36306b6c", 4,                     \
      "a statement was refused: @WHY@")                                                                    \
    X(POLICY_LOADED, "policy.loaded", "c3573a4d9e154875a1b144f70c2a66e1", 5,                               \
      "policy loaded: @POLICY@")                                                                           \
    X(POLICY_INVALID, "policy.invalid", "b86a1d8535654c3e8d6c7a2c9b82b7b1", 3,                             \
      "policy: @WHY@")                                                                                     \
    X(SIGNERS_CHANGED, "signers.changed", "9331aeac37d449d595480b0bc6f25ee5", 5,                           \
      "signers changed: @WHY@")                                                                            \
    X(GATE_CHANGED, "gate.changed", "61d5ebb31d494793be7fae4c87ca8dbb", 4,                                 \
      "the gate of @SERVICE@ was changed: @WHY@")                                                          \
    X(GATE_LOCKED, "gate.locked", "a731c7b962f34374960d7bcf66ea27d3", 2,                                   \
      "locked: nothing opens on this host until unlock: @REASON@")                                         \
    X(HOST_CLOCK, "host.clock", "fbedbda0b501408bad3ea742f9987bef", 4,                                     \
      "the time of this host is in doubt: @WHY@")                                                          \
    X(AUDIT_SPOOLED, "audit.spooled", "70a21847e8944c9c8bcc70ccf85ee256", 4,                               \
      "events waited in the spool: @WHY@")                                                                 \
    X(REVIEW_DONE, "review.done", "29b1334a9fb74d4ebf58d6567574bc6a", 5,                                   \
      "@ACTOR@ reviewed @PERSON@'s @ROLE@ (@GRANT@): @WHY@")                                               \
    X(REVIEW_OVERDUE, "review.overdue", "f46a3fe6347c479bb8e75c3d312b0020", 4,                             \
      "the review of @PERSON@'s @ROLE@ (@GRANT@) is overdue")                                              \
    X(DRILL_DONE, "drill.done", "7accf8f9a74f46efbc771cf43de1862c", 5,                                     \
      "drill of @ROLE@ by @PERSON@ passed (@GRANT@)")
/* clang-format on */
