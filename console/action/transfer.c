/* SPDX-License-Identifier: ISC */
/* What people carry: texts to sign, statements with their signatures, tokens. */
#include "console/action/transfer.h"

#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"
#include "console/action/deliver.h"
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
        bg_free_ char *both = fetch_signed(&fetched.items.v[i]);

        if (both)
            print_exact(both, strlen(both));
        else
            status = EXIT_BROKEN;
    }
    fetched_free(&fetched);
    return status;
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
    struct outcomes all = {0};
    struct bg_sentence err = {0};
    int status, r = bg_bundle_parse(&items, input, len, &err);

    if (r < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    status = say_damaged(&items);
    for (size_t i = 0; i < items.n; i++)
        status = exit_worse(status, deliver_item(fan, &items.v[i], 0, &all));
    bg_bundle_free(&items);
    return status;
}

/* Whether something can be read before that time (0: ever); errno says why not. */
static bool is_readable(int fd, int64_t end)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int64_t left = end - bg_now();
    int r = poll(&ready, 1, !end ? -1 : left <= 0 ? 0 : left < 60 ? (int)left * 1000 : 60000);

    if (r == 0)
        errno = ETIMEDOUT;
    return r > 0;
}

static int read_all(int fd, int seconds, char **data, size_t *len, struct bg_sentence *err)
{
    bg_free_ char *bytes = malloc(BG_BUNDLE_MAX + 1);
    int64_t end = seconds ? bg_now() + seconds : 0;
    size_t have = 0;
    ssize_t n = 0;

    if (!bytes)
        return bg_fail(err, -ENOMEM, "no memory left");
    do {
        n = is_readable(fd, end) ? read(fd, bytes + have, BG_BUNDLE_MAX + 1 - have) : -1;
        if (n > 0)
            have += (size_t)n;
    } while (have <= BG_BUNDLE_MAX && (n > 0 || (n < 0 && errno == EINTR)));
    if (n < 0 && errno == ETIMEDOUT)
        return bg_fail(err, -errno, "the input did not end within %d seconds; nothing was taken in", seconds);
    if (n < 0)
        return bg_fail(err, -errno, "cannot read: %s", strerrordesc_np(errno));
    if (have > BG_BUNDLE_MAX)
        return bg_fail(err, -E2BIG, "more than 1 MiB of input; give it in parts");
    bytes[have] = 0;
    *data = BG_TAKE_PTR(bytes);
    *len = have;
    return 0;
}

int read_input(const char *path, int seconds, char **data, size_t *len, struct bg_sentence *err)
{
    bg_close_ int fd = -1;

    if (!path || strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, seconds, data, len, err);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return bg_fail(err, -errno, "cannot open %s: %s", path, strerrordesc_np(errno));
    return read_all(fd, seconds, data, len, err);
}
