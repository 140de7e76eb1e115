/* SPDX-License-Identifier: ISC */
/* breakglass signers check|who. */
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"
#include "console/base/option.h"
#include "console/base/print.h"
#include "console/verbs/policy_files.h"
#include "console/verbs/verbs.h"

#include <string.h>

static int check(const struct bg_signers *signers)
{
    size_t errors = policy_files_problems("", &signers->problems);

    say(stdout, errors ? "%zu lines count; those above count for nothing" : "sound: %zu lines", signers->n);
    policy_files_digest("signers", signers->digest);
    return errors ? EXIT_REFUSED : EXIT_DONE;
}

static void say_signer(const struct bg_signer *s, int64_t now)
{
    static const enum bg_namespace all[] = {BG_NS_SIGN, BG_NS_LOGIN, BG_NS_SEAL, BG_NS_AUTOMATION,
                                            BG_NS_HOST};
    char fingerprint[BG_FINGERPRINT_SIZE], may[128] = "";
    const char *but = "";

    bg_key_fingerprint(fingerprint, s->key.blob, s->key.blob_len);
    for (size_t i = 0; i < BG_COUNT(all); i++)
        if (s->namespaces & all[i])
            text_append(may, sizeof may, "%s%s", *may ? "," : "", bg_namespace_name(all[i]));
    if (s->conflicted)
        but = "  COUNTS FOR NOBODY: another name has this key, too";
    else if (now > s->valid_before)
        but = "  expired";
    else if (now < s->valid_after)
        but = "  not valid yet";
    say(stdout, "%s%-12s %s %s %s%s", s->is_host ? "host:" : "", s->name, fingerprint, may,
        s->comment ? s->comment : "", but);
}

static int who(const struct bg_signers *signers, const struct bg_list *names)
{
    size_t found = 0;

    for (size_t i = 0; i < signers->n; i++) {
        if (names->n && !bg_list_has(names, signers->v[i].name))
            continue;
        say_signer(&signers->v[i], bg_now());
        found++;
    }
    if (found == 0)
        complain("signers lists nobody%s", names->n ? " of that name" : "");
    return found ? EXIT_DONE : EXIT_REFUSED;
}

int verb_signers(int argc, char **argv)
{
    static const struct option_spec none[] = {{0}};
    static const struct bg_list this_host = {0};
    bool checks = argc > 1 && strcmp(argv[1], "check") == 0;
    bg_cleanup_(policy_files_free) struct policy_files f = {0};
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    struct bg_sentence err = {0};

    if (!checks && (argc < 2 || strcmp(argv[1], "who") != 0))
        return verb_usage(argv[0], "say signers check or signers who");
    if (options_parse(none, argc - 1, argv + 1, &words, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    if (policy_files_load(&f, checks ? &words : &this_host, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    return checks ? check(&f.signers) : who(&f.signers, &words);
}
