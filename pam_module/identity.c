/* SPDX-License-Identifier: ISC */
/* Whose keys opened the connection, from SSH_AUTH_INFO_0: all of them must name one person. */
#include "pam_module/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INFO_MAX (64 * 1024)

/* The line that makes the key count here: a person's first, so that a key enrolled as both still needs a
 * grant. */
static const struct bg_signer *find(const struct bg_signers *signers, const struct bg_key *key, int64_t now,
                                    enum identity_kind *kind, struct bg_sentence *err)
{
    const struct bg_signer *signer = bg_signers_find(signers, key, BG_NS_LOGIN, now, err);

    *kind = GATE_PERSON;
    if (!signer) {
        signer = bg_signers_find(signers, key, BG_NS_AUTOMATION, now, NULL);
        *kind = GATE_AUTOMATION;
    }
    if (signer && signer->is_host) {
        (void)bg_fail(err, -EPERM, "the key belongs to host %s, and a host cannot log in", signer->name);
        return NULL;
    }
    return signer;
}

/* One key, as text, right after the one space that sshd writes. 0, or -EPERM with the reason in who->why. */
static int add_key(struct identity *who, const char *text, const struct bg_signers *signers, int64_t now)
{
    struct bg_key key;
    enum identity_kind kind;

    if (*text == ' ' || *text == '\t')
        return bg_fail(&who->why, -EPERM, "SSH_AUTH_INFO_0 is not in sshd's form");
    if (bg_key_parse_text(&key, text, &who->why) < 0)
        return -EPERM;
    if (!*who->fingerprint)
        bg_key_fingerprint(who->fingerprint, key.blob, key.blob_len);
    const struct bg_signer *signer = find(signers, &key, now, &kind, &who->why);
    if (!signer)
        return -EPERM;
    if (who->kind == GATE_NOBODY) {
        if (strlen(signer->name) >= sizeof who->name)
            return bg_fail(&who->why, -EPERM, "the key's name is too long");
        (void)snprintf(who->name, sizeof who->name, "%s", signer->name);
        who->kind = kind;
        return 0;
    }
    if (who->kind != kind || strcmp(who->name, signer->name) != 0)
        return bg_fail(&who->why, -EPERM, "the keys of this login belong to %s and to %s; use one person's",
                       who->name, signer->name);
    return 0;
}

/* One method's line: "publickey TYPE BASE64", "password", "hostbased TYPE BASE64 …". */
static int add_method(struct identity *who, const char *line, const struct bg_signers *signers, int64_t now)
{
    if (strncmp(line, "publickey ", 10) == 0)
        return add_key(who, line + 10, signers, now);
    if (strncmp(line, "publickey", 9) == 0 || strncmp(line, "hostbased", 9) == 0)
        return bg_fail(&who->why, -EPERM,
                       "this login names no person (a host's key, or a method without a key); "
                       "log in with your own enrolled key");
    return 0;
}

void identity_find(struct identity *who, const char *info, const struct bg_signers *signers, int64_t now)
{
    int r = 0;

    *who = (struct identity){.kind = GATE_NOBODY};
    (void)bg_fail(&who->why, -EPERM, "no SSH key names you; log in with your own enrolled key");
    if (!info)
        return;
    if (strlen(info) > INFO_MAX) {
        (void)bg_fail(&who->why, -EPERM, "sshd names too many keys");
        return;
    }
    char *copy = strdup(info);
    char *rest = copy, *line;
    if (!copy)
        r = bg_fail(&who->why, -EPERM, "no memory");
    while (r >= 0 && (line = strsep(&rest, "\n")))
        r = add_method(who, line, signers, now);
    free(copy);
    if (r < 0) {
        who->kind = GATE_NOBODY;
        who->name[0] = '\0';
    }
}
