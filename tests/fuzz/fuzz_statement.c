/* SPDX-License-Identifier: ISC */
/* Statements: what parses prints to the same bytes, and an approval made of a request restates it. */
#include "policy/base/cleanup.h"
#include "policy/statement/statement.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_approval(const struct bg_statement *request)
{
    bg_cleanup_(bg_statement_free) struct bg_statement approve;
    struct bg_sentence err;

    if (bg_statement_approve(&approve, request) < 0)
        abort();
    approve.by = strdup("alice");
    approve.time = request->time;
    /* An approval can be too long where its request just is not. */
    if (!approve.by ||
        (bg_statement_print(&approve, &err) == 0 && bg_statement_restates(&approve, request, &err) < 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bg_cleanup_(bg_statement_free) struct bg_statement st;
    bg_free_ char *text = NULL;
    struct bg_sentence err = {""};

    if (bg_statement_parse(&st, (const char *)data, size, &err) < 0) {
        if (err.text[0] == '\0' || st.text)
            abort();
        return 0;
    }
    text = strdup(st.text);
    if (!text || st.text_len != size || memcmp(st.text, data, size) != 0 ||
        bg_statement_print(&st, &err) < 0 || strcmp(st.text, text) != 0)
        abort();
    if (st.kind == BG_REQUEST)
        check_approval(&st);
    return 0;
}
