/* This host: its name, and its own key, with which it vouches for people it knows. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"
#include "policy/base/name.h"
#include "policy/statement/sshkey.h"

#include <stdbool.h>

#define BG_MACHINE_ID_SIZE 33 /* as systemd prints it, with NUL */

struct bg_host {
    char name[BG_HOST_SIZE];             /* from etc/breakglass/host */
    char machine_id[BG_MACHINE_ID_SIZE]; /* the one it was given on */
    bool has_key;
    struct bg_key key; /* the public half of etc/breakglass/host.key */
};

/* Reads etc/breakglass/host ("name: db1.prod" and "machine-id: …", two lines) and compares with
 * etc/machine-id: a cloned disk must not answer for another host. Then the public half of the key, from
 * host.key.pub beside it (0644), where there is one. -ENOENT: not initialised; -EINVAL, -EPERM, -ESTALE
 * (machine-id differs); always with a sentence. */
int bg_host_load(struct bg_host *host, const struct bg_root *root, struct bg_sentence *err);

/* Signs `message` with etc/breakglass/host.key (OpenSSH's private key format, unencrypted, 0600) in namespace
 * breakglass-host. The secret is in locked memory for the length of the call and wiped. Gives an SSHSIG blob.
 */
int bg_host_sign(const struct bg_root *root, const void *message, size_t len, unsigned char *blob,
                 size_t *blob_len, struct bg_sentence *err);
