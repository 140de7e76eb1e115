/* SPDX-License-Identifier: ISC */
/* What people carry: texts to sign, statements with their signatures, tokens. */
#include "console/action/transfer.h"

#include "policy/base/cleanup.h"
#include "console/action/fetch.h"
#include "console/client/connect_known.h"
#include "console/base/print.h"
#include "console/base/exit_status.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A statement's bytes: exactly as they are into a file or pipe, cleaned line by line on a terminal. */
static void print_exact(const char *text, size_t len)
{
    if (isatty(STDOUT_FILENO))
        say_block(stdout, "", text);
    else
        (void)fwrite(text, 1, len, stdout);
}

int transfer_text(struct calls *fan, enum bg_kind kind, const struct bg_draft_row *params)
{
    struct bg_statement st = {0};
    struct bg_sentence err = {0};
    struct calls_link *link = connect_first(fan);
    int r;

    if (!link)
        return calls_status(fan, 0);
    calls_call(fan, link,
               &(struct call_args){BG_METHOD_DRAFT, .text = {bg_kind_name(kind)}, .draft = params});
    if (!calls_reply(link))
        return calls_status(fan, 0);
    r = bg_statement_parse(&st, link->reply->text, strlen(link->reply->text), &err);
    if (r >= 0 && st.kind != kind)
        r = bg_fail(&err, -EINVAL, "it drafted a statement of another kind");
    if (r < 0) {
        complain("%s: %s", calls_label(link), err.text);
        return EXIT_REFUSED;
    }
    print_exact(st.text, st.text_len);
    bg_statement_free(&st);
    return EXIT_DONE;
}

static int print_tokens(const struct bg_bundle *items)
{
    bg_free_ char *tokens = fetch_tokens(items);

    if (!tokens)
        return EXIT_BROKEN;
    say_block(stdout, "", tokens);
    return EXIT_DONE;
}

int transfer_get(struct calls *fan, const char *id, bool token)
{
    struct fetched fetched;
    struct bg_sentence err = {0};
    int status = EXIT_DONE, r = fetch(fan, id, &fetched, &err);

    if (r < 0) {
        complain("%s", err.text);
        return r == -EHOSTUNREACH ? EXIT_BROKEN : EXIT_REFUSED;
    }
    if (token)
        status = print_tokens(&fetched.items);
    for (size_t i = 0; !token && i < fetched.items.n; i++) {
        bg_free_ char *both = fetch_carried(&fetched.items.v[i]);

        if (both)
            print_exact(both, strlen(both));
        else
            status = EXIT_BROKEN;
    }
    fetched_free(&fetched);
    return status;
}

int put_item(struct calls *fan, struct calls_link *only, const struct bg_bundle_item *item)
{
    bg_free_ char *both = fetch_carried(item);

    if (!both)
        return -ENOMEM;
    calls_call(fan, only, &(struct call_args){BG_METHOD_PUT, .text = {both}});
    return 0;
}

bool put_row_taken(const struct bg_outcome_row *row)
{
    return strcmp(row->taken, "new") == 0 || strcmp(row->taken, "known") == 0 ||
           strcmp(row->taken, "waiting") == 0;
}

bool put_taken(const struct calls_link *link)
{
    const struct reply *reply = calls_reply(link);

    for (size_t i = 0; reply && i < reply->n; i++)
        if (!put_row_taken(reply_outcome(reply, i)))
            return false;
    return reply && reply->n > 0;
}

static int said_one(struct calls_link *link)
{
    const struct reply *reply = link->reply;
    int status = EXIT_DONE;

    if (reply->n == 0) {
        complain("%s: " CALL_NOT_OURS, calls_label(link));
        return EXIT_BROKEN;
    }
    for (size_t i = 0; i < reply->n; i++) {
        const struct bg_outcome_row *row = reply_outcome(reply, i);
        bool no = !put_row_taken(row);

        if (no)
            status = EXIT_REFUSED;
        say(no ? stderr : stdout, "%s: %s%s", calls_label(link), no ? "refused: " : "", row->sentence);
    }
    return status;
}

int put_said(struct calls *fan, int64_t closes_by)
{
    int status = EXIT_DONE, other;

    for (size_t i = 0; i < fan->n; i++) {
        bool answered = fan->link[i].state == FAN_DONE && !fan->link[i].aside;
        int one = answered ? said_one(&fan->link[i]) : EXIT_DONE;

        if (one == EXIT_REFUSED || status == EXIT_DONE)
            status = one;
    }
    (void)fflush(stdout);
    other = calls_status(fan, closes_by);
    return status == EXIT_DONE || other == EXIT_REFUSED ? other : status;
}

static int worse(int a, int b)
{
    if (a == EXIT_REFUSED || b == EXIT_REFUSED)
        return EXIT_REFUSED;
    return a ? a : b;
}

static int say_damaged(const struct bg_bundle *items)
{
    for (size_t i = 0; i < items->n_damaged; i++)
        complain("%s", items->damaged[i].text);
    return items->n_damaged ? EXIT_REFUSED : EXIT_DONE;
}

int transfer_put(struct calls *fan, const char *input, size_t len)
{
    struct bg_bundle items = {0};
    struct bg_sentence err = {0};
    int status, r = bg_bundle_parse(&items, input, len, &err);

    if (r < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    status = say_damaged(&items);
    for (size_t i = 0; i < items.n; i++) {
        if (put_item(fan, NULL, &items.v[i]) < 0)
            status = worse(status, EXIT_BROKEN);
        else
            status = worse(status, put_said(fan, 0));
    }
    bg_bundle_free(&items);
    return status;
}

static int read_all(int fd, char **data, size_t *len, struct bg_sentence *err)
{
    bg_free_ char *bytes = malloc(BG_BUNDLE_MAX + 1);
    size_t have = 0;
    ssize_t n = 0;

    if (!bytes)
        return bg_fail(err, -ENOMEM, "no memory left");
    do {
        n = read(fd, bytes + have, BG_BUNDLE_MAX + 1 - have);
        if (n > 0)
            have += (size_t)n;
    } while (have <= BG_BUNDLE_MAX && (n > 0 || (n < 0 && errno == EINTR)));
    if (n < 0)
        return bg_fail(err, -errno, "cannot read: %s", strerror(errno));
    if (have > BG_BUNDLE_MAX)
        return bg_fail(err, -E2BIG, "more than 1 MiB of input; give it in parts");
    bytes[have] = 0;
    *data = BG_TAKE_PTR(bytes);
    *len = have;
    return 0;
}

int read_input(const char *path, char **data, size_t *len, struct bg_sentence *err)
{
    bg_close_ int fd = -1;

    if (!path || strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, data, len, err);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return bg_fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
    return read_all(fd, data, len, err);
}
