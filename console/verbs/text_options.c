/* SPDX-License-Identifier: ISC */
/* The words of `text KIND …` become the parameters of a draft. */
#include "console/verbs/text_options.h"

#include "console/base/option.h"
#include "console/action/request_terms.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <string.h>

static int parse(int argc, char **argv, struct bg_list *destinations, struct text_words *w,
                 struct bg_sentence *err)
{
    const struct option_spec specs[] = {
        {.name = "host", .list = &w->terms.hosts},
        {.name = "account", .list = &w->terms.accounts},
        {.name = "for", .value = &w->terms.duration_text},
        {.name = "reason", .value = &w->terms.reason},
        {.name = "ticket", .value = &w->terms.ticket},
        {.name = "drill", .flag = &w->terms.drill},
        {.name = "verdict", .value = &w->verdict},
        {.name = "note", .value = &w->note},
        /* At the front door everybody is known, and no other host is spoken to: the table ends here. */
        {.name = destinations ? "as" : NULL, .value = &w->terms.by},
        {.name = "at", .letter = 'H', .list = destinations},
        {0},
    };

    return options_parse(specs, argc, argv, &w->plain, err);
}

/* People say deny, revoke and give-back; the statement is a close. */
static int kind_of(const char *word)
{
    static const char *const closes[] = {"deny", "revoke", "give-back"};

    for (size_t i = 0; i < BG_COUNT(closes); i++)
        if (strcmp(word, closes[i]) == 0)
            return BG_CLOSE;
    return bg_kind_parse(word);
}

static int request_params(struct text_words *w, const char *this_host, struct bg_sentence *err)
{
    int r;

    w->terms.role = w->plain.n > 1 ? w->plain.v[1] : NULL;
    if (w->plain.n > 2)
        return bg_fail(err, -EINVAL, "one role at a time; quote a reason of several words");
    if (w->terms.hosts.n == 0 && this_host && *this_host) {
        r = bg_list_add(&w->terms.hosts, this_host, strlen(this_host));
        if (r < 0)
            return r;
    }
    r = request_terms_check_options(&w->terms, err);
    if (r < 0)
        return r;
    w->draft = request_terms_draft(&w->terms);
    return 0;
}

static int other_params(struct text_words *w, enum bg_kind kind, struct bg_sentence *err)
{
    char id[BG_ID_SIZE];

    if (w->plain.n != 2)
        return bg_fail(err, -EINVAL, "which grant? say: text %s ID", bg_kind_name(kind));
    if (bg_id_parse(id, w->plain.v[1]) < 0)
        return bg_fail(err, -EINVAL, "\"%s\" is not an ID, such as K7Q4-M2XP-9D3F", w->plain.v[1]);
    if (kind == BG_REVIEW && !w->verdict)
        return bg_fail(err, -EINVAL, "a review has a verdict: --verdict ok or --verdict flag");
    if (kind == BG_REVIEW && strcmp(w->verdict, "flag") == 0 && !w->note)
        return bg_fail(err, -EINVAL, "a flag says why: add --note TEXT");
    w->draft = (struct bg_draft_row){.id = w->plain.v[1], .by = w->terms.by};
    if (kind == BG_CLOSE)
        w->draft.reason = w->terms.reason; /* without one the host knows what to say */
    if (kind == BG_REVIEW) {
        w->draft.verdict = w->verdict;
        w->draft.note = w->note;
    }
    return 0;
}

int text_words_parse(int argc, char **argv, struct bg_list *destinations, const char *this_host,
                     enum bg_kind *kind, struct text_words *w, struct bg_sentence *err)
{
    int r, k = -1;

    *w = (struct text_words){0};
    r = parse(argc, argv, destinations, w, err);
    if (r >= 0 && (w->plain.n == 0 || (k = kind_of(w->plain.v[0])) < 0))
        r = bg_fail(err, -EINVAL,
                    "which text? say: text request ROLE …, text approve ID, text close ID, text review ID");
    if (r >= 0) {
        *kind = (enum bg_kind)k;
        r = k == BG_REQUEST ? request_params(w, this_host, err) : other_params(w, *kind, err);
    }
    return r;
}

void text_words_free(struct text_words *w)
{
    bg_list_free(&w->plain);
    request_terms_free(&w->terms);
}
