/* SPDX-License-Identifier: ISC */
/* Whose key it was, from SSH_AUTH_INFO_0: whatever it holds, only the one enrolled person can come out, and
 * only when the person's key stands in it. */
#include "pam_module/identity.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEY "AAAAC3NzaC1lZDI1NTE5AAAAIOzBtYcn8/ErMZSIGp7LneCyjOeyByMNjpMP4bznXiVs"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char line[] = "bob namespaces=\"breakglass-login\" ssh-ed25519 " KEY "\n";
    struct bg_signers signers = {0};
    char *info = malloc(size + 1);
    struct identity who;

    if (!info || bg_signers_parse(&signers, "signers", line, strlen(line)) < 0)
        abort();
    bg_signers_settle(&signers);
    memcpy(info, data, size);
    info[size] = '\0';
    identity_find(&who, info, &signers, 1795435200);
    if (who.kind != GATE_NOBODY &&
        (who.kind != GATE_PERSON || strcmp(who.name, "bob") != 0 || !strstr(info, "publickey ssh-ed25519")))
        abort();
    if (who.kind == GATE_NOBODY && (who.name[0] || !who.why.text[0]))
        abort();
    bg_signers_free(&signers);
    free(info);
    return 0;
}
