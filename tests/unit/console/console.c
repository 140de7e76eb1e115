/* SPDX-License-Identifier: ISC */
/* The console's parts that need no broker: options, drafts from a host that lies, hostile text, the front
 * door's words and lines, the table of verbs, and the chain of events. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/base/cleanup.h"
#include "console/door/line.h"
#include "console/door/words.h"
#include "policy/record/event.h"
#include "console/client/log_chain.h"
#include "console/base/option.h"
#include "console/base/destination.h"
#include "console/words/instructions.h"
#include "console/words/grant.h"
#include "console/words/grant_text.h"
#include "tests/kit/rows.h"
#include "console/action/sign.h"
#include "console/verbs/text_options.h"
#include "console/verbs/table.h"
#include "policy/base/timestamp.h"
#include "console/action/request_terms.h"

/* --- options --- */

struct parsed {
    bool json;
    const char *reason;
    struct bg_list hosts, words;
    struct bg_sentence err;
};

static int parse(struct parsed *p, int argc, const char *const *argv)
{
    const struct option_spec specs[] = {{.name = "json", .flag = &p->json},
                                        {.name = "reason", .value = &p->reason},
                                        {.name = "at", .letter = 'H', .list = &p->hosts},
                                        {0}};

    *p = (struct parsed){0};
    return options_parse(specs, argc, (char **)argv, &p->words, &p->err);
}

static void parsed_free(struct parsed *p)
{
    bg_list_free(&p->hosts);
    bg_list_free(&p->words);
}

#define PARSE(p, ...)                                                                                        \
    ({                                                                                                       \
        const char *const argv_[] = {"verb", __VA_ARGS__};                                                   \
        parse(p, (int)(sizeof(argv_) / sizeof(argv_[0])), argv_);                                            \
    })

static void options_in_any_place(void **state)
{
    struct parsed p;

    (void)state;
    assert_int_equal(PARSE(&p, "-H", "db1", "ID", "--json", "-Hdb2", "--reason=a b", "--", "--json"), 0);
    assert_true(p.json);
    assert_string_equal(p.reason, "a b");
    assert_int_equal(p.hosts.n, 2);
    assert_string_equal(p.hosts.v[1], "db2");
    assert_int_equal(p.words.n, 2);
    assert_string_equal(p.words.v[1], "--json");
    parsed_free(&p);
}

static void options_that_are_wrong(void **state)
{
    struct parsed p;

    (void)state;
    assert_int_equal(PARSE(&p, "--nope"), -EINVAL);
    assert_int_equal(PARSE(&p, "--jso"), -EINVAL);
    assert_int_equal(PARSE(&p, "--json=1"), -EINVAL);
    assert_int_equal(PARSE(&p, "--reason"), -EINVAL);
    assert_int_equal(PARSE(&p, "--reason="), -EINVAL);
    assert_int_equal(PARSE(&p, "--reason", "a", "--reason", "b"), -EINVAL);
    assert_string_equal(p.err.text, "--reason is given twice");
    assert_int_equal(PARSE(&p, "-x"), -EINVAL);
    assert_int_equal(PARSE(&p, "-H"), -EINVAL);
}

static void numbers(void **state)
{
    unsigned n = 7;

    (void)state;
    assert_true(option_number("1", 10, &n));
    assert_int_equal(n, 1);
    assert_true(option_number("10", 10, &n));
    assert_false(option_number("11", 10, &n));
    assert_false(option_number("0", 10, &n));
    assert_false(option_number("-1", 10, &n));
    assert_false(option_number("", 10, &n));
    assert_false(option_number("99999999999999999999", 4000000000u, &n));
}

static void destinations(void **state)
{
    (void)state;
    assert_true(destination_is_valid("db1.prod"));
    assert_true(destination_is_valid("ssh://10.0.0.1:2222"));
    assert_true(destination_is_valid("fe80::1%eth0"));
    assert_false(destination_is_valid("-oProxyCommand=id"));
    assert_false(destination_is_valid("root@db1"));
    assert_false(destination_is_valid("db1 id"));
    assert_false(destination_is_valid("db1\n"));
    assert_false(destination_is_valid(""));
}

/* --- a host that lies in its draft --- */

#define NOW 1700000000

static const char honest[] = "breakglass-statement 1\nkind: request\ntime: 2023-11-14T22:13:20Z\nby: bob\n"
                             "nonce: 00112233445566778899aabbccddeeff\nrole: db-admin\nhosts: db1 db2\n"
                             "accounts: root\nduration: 30m\nreason: disk full\nticket: INC-1\n";

/* The honest draft with one text in place of another. */
static int drafted(const char *from, const char *to, struct bg_sentence *err)
{
    struct request_terms terms = {
        .role = "db-admin", .duration = 1800, .reason = "disk full", .ticket = "INC-1"};
    struct bg_statement st = {0};
    char text[4096];
    const char *at = from ? strstr(honest, from) : NULL;
    int r;

    if (from)
        assert_non_null(at);
    if (from)
        (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - honest), honest, to, at + strlen(from));
    else
        strcpy(text, honest);
    assert_int_equal(bg_list_split(&terms.hosts, "db2 db1"), 0);
    r = request_terms_match(&terms, "bob", NOW, text, &st, err);
    bg_statement_free(&st);
    request_terms_free(&terms);
    return r;
}

static void honest_draft_is_taken(void **state)
{
    struct bg_sentence err = {0};

    (void)state;
    assert_int_equal(drafted(NULL, NULL, &err), 0);
}

static void lies_are_seen(void **state)
{
    static const char *const lies[][2] = {
        {"by: bob", "by: mallory"},
        {"by: bob\n", "by: bob\nvia: uid 0\n"},
        {"role: db-admin", "role: web-admin"},
        {"hosts: db1 db2", "hosts: db1 db2 db3"},
        {"hosts: db1 db2", "hosts: db1"},
        {"duration: 30m", "duration: 1h"},
        {"reason: disk full", "reason: something else"},
        {"ticket: INC-1", "ticket: INC-2"},
        {"ticket: INC-1\n", ""},
        {"ticket: INC-1\n", "ticket: INC-1\ndrill: yes\n"},
        {"time: 2023-11-14T22:13:20Z", "time: 2023-11-14T22:58:20Z"},
        {"time: 2023-11-14T22:13:20Z", "time: 2023-11-14T21:28:20Z"},
        {"kind: request", "kind: close"},
        {"breakglass-statement 1", "breakglass-statement 2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct bg_sentence err = {0};
        int r = drafted(lies[i][0], lies[i][1], &err);

        if (r != -EINVAL)
            fail_msg("taken: %s", lies[i][1]);
        assert_true(strlen(err.text) > 10);
    }
}

static void accounts_that_were_named(void **state)
{
    struct request_terms terms = {
        .role = "db-admin", .duration = 1800, .reason = "disk full", .ticket = "INC-1"};
    struct bg_statement st = {0};
    struct bg_sentence err;

    (void)state;
    assert_int_equal(bg_list_split(&terms.hosts, "db1 db2"), 0);
    assert_int_equal(bg_list_split(&terms.accounts, "postgres"), 0);
    assert_int_equal(request_terms_match(&terms, "bob", NOW, honest, &st, &err), -EINVAL);
    request_terms_free(&terms);
}

/* What is shown to be typed elsewhere asks for what was requested, through the shell and the front door. */
static void requests_elsewhere(void **state)
{
    struct request_terms terms = {
        .role = "r", .duration = 1800, .reason = "it's \"gone\"; $(reboot)", .ticket = "T-1"};
    bg_free_ char *stock = NULL, *verb = NULL;

    (void)state;
    assert_int_equal(bg_list_split(&terms.hosts, "db1 db2"), 0);
    stock = request_terms_stock(&terms);
    verb = request_terms_verb(&terms);
    assert_string_equal(stock,
                        "ssh -n breakglass@db1 'text request r --host db1 --host db2 --for 30m --ticket T-1 "
                        "--reason it'\\''s \"gone\"; $(reboot)' > a; cat a\n"
                        "rm -f a.sig; ssh-keygen -Y sign -n breakglass -f ~/.ssh/id_ed25519 a &&\n"
                        "for h in db1 db2; do cat a a.sig | ssh breakglass@$h put; done\n");
    assert_string_equal(verb, "breakglass request r --host db1 --host db2 --for 30m --ticket 'T-1' "
                              "--reason 'it'\\''s \"gone\"; $(reboot)'");
    request_terms_free(&terms);
}

static void requests(void **state)
{
    struct bg_sentence err;
    struct request_terms good = {.role = "r", .duration_text = "30m", .reason = "x"}, w;

    (void)state;
    w = good;
    assert_int_equal(request_terms_check_options(&w, &err), 0);
    assert_int_equal(w.duration, 1800);
    w = good;
    w.duration_text = "30 m";
    assert_int_equal(request_terms_check_options(&w, &err), -EINVAL);
    w = good;
    w.reason = NULL;
    assert_int_equal(request_terms_check_options(&w, &err), -EINVAL);
    w = good;
    w.role = "../x";
    assert_int_equal(request_terms_check_options(&w, &err), -EINVAL);
    w = good;
    w.by = "Bob Smith";
    assert_int_equal(request_terms_check_options(&w, &err), -EINVAL);
}

/* What a form checks, once a host has told of the role: which field is wrong, and what is not typed. */
static void requests_of_a_role(void **state)
{
    const struct bg_role_row role = {.name = "r", .max_duration = 1800};
    struct request_terms terms = {.role = "r", .duration_text = "", .reason = "", .ticket = ""};
    enum request_field bad;
    struct bg_sentence err = {0};

    (void)state;
    assert_int_equal(request_terms_check(&terms, &role, &bad, &err), -EINVAL);
    assert_int_equal(bad, REQUEST_HOSTS);
    assert_int_equal(bg_list_split(&terms.hosts, "db1"), 0);
    assert_int_equal(request_terms_check(&terms, &role, &bad, &err), -EINVAL);
    assert_int_equal(bad, REQUEST_REASON);
    assert_int_equal(terms.duration, 1800);
    terms.reason = "x";
    assert_int_equal(request_terms_check(&terms, &role, &bad, &err), 0);
    assert_null(terms.ticket);
    terms.duration_text = "20";
    assert_int_equal(request_terms_check(&terms, &role, &bad, &err), 0);
    assert_int_equal(terms.duration, 1200);
    terms.duration_text = "31";
    assert_int_equal(request_terms_check(&terms, &role, &bad, &err), -EINVAL);
    assert_int_equal(bad, REQUEST_DURATION);
    assert_string_equal(err.text, "31m is longer than the 30m that the role allows");
    request_terms_free(&terms);
}

/* --- hostile text --- */

static char *printed(void (*print)(FILE *to, struct reply *row), const char *json)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    struct reply *row = rows_of(BG_METHOD_SHOW, json);

    assert_non_null(f);
    print(f, row);
    reply_unref(row);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void print_list(FILE *to, struct reply *row)
{
    struct grants_row one = {.row = reply_grant(row, 0), .review_due = reply_grant(row, 0)->review_due};

    show_list(to, &(struct grant_rows){.v = &one, .n = 1}, false, NOW);
}

static void print_grant(FILE *to, struct reply *row)
{
    struct calls_link link = {.state = FAN_DONE, .reply = row, .is.who = &values_nobody};

    show_grant(to, &(struct calls){.link = &link, .n = 1});
}

/* No control but the newlines that we print ourselves; nothing that turns the direction of writing. */
static void assert_harmless(const char *text, size_t lines)
{
    size_t n = 0;

    for (const char *p = text; *p; p++) {
        n += *p == '\n';
        assert_true(*p == '\n' || ((unsigned char)*p >= ' ' && *p != 0x7f));
    }
    assert_null(strstr(text, "\xe2\x80\xae"));
    if (lines)
        assert_int_equal(n, lines);
}

/* --- what is told to be typed --- */

static struct bg_list list_of(const char *words)
{
    struct bg_list list = {0};

    assert_true(bg_list_split(&list, words) >= 0);
    return list;
}

static void assert_stock(const char *kind, const char *hosts, const char *want)
{
    struct bg_list list = list_of(hosts);
    char *text = instructions_stock(kind, "K7Q4M2XP9D3F", list.n ? list.v[0] : "HOST", &list, "KEY");

    assert_string_equal(text, want);
    free(text);
    bg_list_free(&list);
}

#define SIGN_IT "rm -f a.sig; ssh-keygen -Y sign -n breakglass -f KEY a &&\n"

static void recipes(void **state)
{
    struct bg_list list = list_of("db1 db2.prod");
    char *verb = instructions_verb("review", "K7Q4M2XP9D3F", &list);

    (void)state;
    assert_string_equal(verb, "breakglass review K7Q4-M2XP-9D3F -H db1 -H db2.prod");
    assert_stock("approve", "db1",
                 "ssh -n breakglass@db1 text approve K7Q4-M2XP-9D3F > a; cat a\n" SIGN_IT
                 "cat a a.sig | ssh breakglass@db1 put\n");
    assert_stock("review --verdict ok", "db1 db2",
                 "ssh -n breakglass@db1 text review K7Q4-M2XP-9D3F --verdict ok > a; cat a\n" SIGN_IT
                 "for h in db1 db2; do cat a a.sig | ssh breakglass@$h put; done\n");
    free(verb);
    bg_list_free(&list);
}

/* Nothing that a shell would do more with than take it as a word. */
static void recipes_are_safe_to_paste(void **state)
{
    static const char *const bad[] = {"db1;id", "$(id)", "`id`", "-oProxyCommand=id",
                                      "a|b",    "a>b",   "*",    "[a]",
                                      "a'b",    "a\"b",  "a\\b", "~root",
                                      "#x",     "!x",    "a&b",  ""};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(instructions_word(bad[i]));
    assert_true(instructions_word("db-1.prod_x"));
    assert_true(instructions_word("fe80::1%eth0"));
    assert_stock("approve", "$(id) db1;id",
                 "ssh -n breakglass@HOST text approve K7Q4-M2XP-9D3F > a; cat a\n" SIGN_IT
                 "for h in HOST; do cat a a.sig | ssh breakglass@$h put; done\n");
}

/* Many hosts are folded so that a shell takes it as one line. */
static void recipes_fold(void **state)
{
    char words[1200] = "";
    struct bg_list list;
    char *stock, *verb, *copy, *p;
    size_t hosts = 0;

    (void)state;
    for (int i = 0; i < 60; i++)
        (void)snprintf(words + strlen(words), sizeof(words) - strlen(words), "%shost%d", i ? " " : "", i);
    list = list_of(words);
    stock = instructions_stock("approve", "K7Q4M2XP9D3F", "host0", &list, "~/.ssh/id_ed25519");
    verb = instructions_verb("approve", "K7Q4M2XP9D3F", &list);
    assert_true(asprintf(&copy, "%s%s\n", stock, verb) > 0);
    p = copy;
    for (char *line; *p && (line = strsep(&p, "\n"));) {
        assert_true(strlen(line) <= 76);
        for (char *at = line; (at = strstr(at, "host")); at++)
            hosts++;
    }
    assert_int_equal(hosts, 1 + 60 + 60);
    /* The lines that are folded, as a shell reads them. */
    for (char *at = verb; (at = strstr(at, " \\\n")); at++)
        assert_true(strncmp(at, " \\\n    -H ", 10) == 0);
    free(copy);
    free(stock);
    free(verb);
    bg_list_free(&list);
}

static void assert_signer(const char *via, const char *hosts, const char *want)
{
    struct bg_statement st = {.by = (char *)(uintptr_t) "bob", .via = (char *)(uintptr_t)via};
    char text[512];

    st.terms.hosts = list_of(hosts);
    assert_string_equal(grant_text_signer(text, sizeof(text), &st), want);
    bg_list_free(&st.terms.hosts);
}

static void who_signed(void **state)
{
    (void)state;
    assert_signer(NULL, "db1 db2", "their own key");
    assert_signer("sshd publickey SHA256:abc", "db1", "host db1, which knew bob by the key SHA256:abc");
    assert_signer("uid 1001", "db1", "host db1, which knew bob by uid 1001");
    assert_signer("uid 1001", "db1 db2", "a host, which knew bob by uid 1001");
}

static void a_list_fits_80_columns(void **state)
{
    char *text = printed(
        print_list,
        "{\"id\":\"K7Q4M2XP9D3F\",\"state\":\"closed\",\"closed_as\":\"given "
        "back\",\"role\":\"prod-db-admin\","
        "\"person\":\"catherine\",\"hosts\":[\"db1.prod\",\"db2.prod\",\"db3.prod\"],\"review_due\":1}");

    (void)state;
    assert_non_null(strstr(text, " db1.prod,+2 review overdue\n"));
    for (char *p = text, *line; *p && (line = strsep(&p, "\n"));)
        assert_true(strlen(line) <= 80);
    free(text);
}

#define HOSTILE                                                                                              \
    "\"person\":\"a\\nOPEN root "                                                                            \
    "bob\",\"role\":\"\\u202egnp\",\"state\":\"pending\\r\","                                                \
    "\"hosts\":[\"d\\u001b[31mb\",5],\"reason\":\"\\u009b31m\\nfake: "                                       \
    "line\",\"lines\":[{\"text\":\"\\u001b[1m\","                                                            \
    "\"need\":1,\"filled\":0,\"who\":[\"x\\u001b\",7]}],\"sentence\":\"\\u001bc\\n\\nyes\","                 \
    "\"statements\":[{\"kind\":\"\\u001b\",\"by\":\"\\n\",\"why\":\"\\u001b\\n\"}],"                         \
    "\"sessions_in\":[{\"account\":\"\\u001b\"}],\"contacts\":{\"x\\u001b\":\"\\u0007\"}}"

static void hostile_text_stays_one_line(void **state)
{
    char *list = printed(print_list, "{\"id\":\"\\u001b[2J\\u001b]0;x\\u0007\"," HOSTILE),
         *grant = printed(print_grant, "{\"id\":\"K7Q4M2XP9D3F\"," HOSTILE);

    (void)state;
    assert_harmless(list, 2);
    assert_harmless(grant, 0);
    assert_non_null(strstr(grant, "fake"));
    assert_null(strstr(grant, "\nfake"));
    assert_null(strstr(list, "\nOPEN"));
    free(list);
    free(grant);
}

static void rows_of_wrong_types(void **state)
{
    static const char *const rows[] = {"{}",
                                       "{\"id\":5,\"hosts\":\"x\",\"lines\":{},\"lines\":[1,null,\"x\",[]]}",
                                       "{\"state\":\"open\",\"ends\":\"x\"}", "{\"statements\":[null,1]}"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *list = printed(print_list, rows[i]), *grant = printed(print_grant, rows[i]);

        assert_harmless(list, 0);
        assert_harmless(grant, 0);
        free(list);
        free(grant);
    }
}

static void keys_that_fit(void **state)
{
    static const char key[] =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA26ONURt1kYSikDy5F8rB8ZpE7DyTJQFVEhu2cq+flI bob@desk";
    char fingerprint[BG_FINGERPRINT_SIZE];
    const char *names[] = {"SHA256:another", fingerprint};
    struct bg_strings known = {names, 0};
    struct bg_key parsed;

    (void)state;
    assert_true(sign_key_fits(key, NULL));
    assert_false(sign_key_fits(key, &known));
    assert_int_equal(bg_key_parse_text(&parsed, key, NULL), 0);
    bg_key_fingerprint(fingerprint, parsed.blob, parsed.blob_len);
    known.n = 2;
    assert_true(sign_key_fits(key, &known));
    assert_false(sign_key_fits("ssh-rsa AAAA x", NULL));
    assert_false(sign_key_fits("The agent has no identities.", NULL));
    known = (struct bg_strings){0}; /* not told: any */
    assert_true(sign_key_fits(key, &known));
}

/* --- the front door --- */

static void door_words_join_reasons(void **state)
{
    struct bg_list words = {0};
    struct bg_sentence err;

    (void)state;
    assert_int_equal(door_words("text  request r\t--reason 'disk is full' --for 30m --note x", &words, &err),
                     0);
    assert_int_equal(words.n, 9);
    assert_string_equal(words.v[4], "disk is full");
    assert_string_equal(words.v[6], "30m");
    bg_list_free(&words);
    assert_int_equal(door_words("text close ID --reason", &words, &err), 0);
    assert_int_equal(words.n, 4);
    bg_list_free(&words);
    assert_int_equal(door_words("", &words, &err), 0);
    assert_int_equal(words.n, 0);
}

static void door_words_are_bounded(void **state)
{
    static char longest[DOOR_COMMAND_MAX + 2];
    struct bg_list words = {0};
    struct bg_sentence err;

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    assert_int_equal(door_words(longest, &words, &err), -E2BIG);
    longest[DOOR_COMMAND_MAX] = 0;
    assert_int_equal(door_words(longest, &words, &err), 0);
    bg_list_free(&words);
    for (size_t i = 1; i < DOOR_COMMAND_MAX; i += 2)
        longest[i] = ' ';
    assert_int_equal(door_words(longest, &words, &err), -E2BIG);
    bg_list_free(&words);
    assert_int_equal(door_words("list\nid", &words, &err), -EINVAL);
    assert_int_equal(door_words("list\x1b[A", &words, &err), -EINVAL);
}

/* What a line is after these keys, and what the screen shows of them. */
static enum door_typed typed(struct door_line *line, const char *keys, size_t n, char *shown)
{
    enum door_typed r = DOOR_MORE;

    door_line_begin(line);
    shown[0] = 0;
    for (size_t i = 0; i < n && r == DOOR_MORE; i++) {
        char echo[4];

        r = door_line_byte(line, (unsigned char)keys[i], echo);
        strcat(shown, echo);
    }
    return r;
}

#define TYPED(line, keys, shown) typed(line, keys, sizeof(keys) - 1, shown)

static void door_lines(void **state)
{
    static struct door_line line;
    static char shown[4 * DOOR_LINE_MAX], keys[DOOR_LINE_MAX + 10];

    (void)state;
    assert_int_equal(TYPED(&line, "lisx\x7ft\r", shown), DOOR_LINE);
    assert_string_equal(line.text, "list");
    assert_string_equal(shown, "lisx\b \bt\n");
    assert_int_equal(TYPED(&line, "a\xc3\xa4\b\n", shown), DOOR_LINE);
    assert_string_equal(line.text, "a");
    assert_int_equal(TYPED(&line, "\x1b[A\x1b[1;5Cx\x1bOP\x1c\x1a\n", shown), DOOR_LINE);
    assert_string_equal(line.text, "x");
    assert_string_equal(shown, "x\n");
    assert_int_equal(TYPED(&line, "abc\x03", shown), DOOR_CANCEL);
    assert_int_equal(TYPED(&line, "\x04", shown), DOOR_END);
    assert_int_equal(TYPED(&line, "a\x04", shown), DOOR_MORE);
    assert_int_equal(TYPED(&line, "\x7f\x7f", shown), DOOR_MORE);
    memset(keys, 'k', sizeof(keys));
    assert_int_equal(typed(&line, keys, 6000, shown), DOOR_MORE);
    assert_int_equal(line.len, 6000);
    assert_int_equal(typed(&line, keys, sizeof(keys), shown), DOOR_MORE);
    assert_int_equal(line.len, DOOR_LINE_MAX);
}

static struct text_words params;

static int door_text(const char *command)
{
    static struct bg_list words;
    struct bg_sentence err;
    enum bg_kind kind;
    int r;

    text_words_free(&params);
    bg_list_free(&words);
    params = (struct text_words){0};
    r = door_words(command, &words, &err);
    return r < 0 ? r : text_words_parse((int)words.n, words.v, NULL, "db1", &kind, &params, &err);
}

static void door_names_no_other_host(void **state)
{
    (void)state;
    assert_int_equal(door_text("text request r --for 30m --reason disk is full"), 0);
    assert_string_equal(params.draft.reason, "disk is full");
    assert_string_equal(params.draft.hosts.v[0], "db1");
    assert_int_equal(door_text("text request r --for 30m --reason x -H db2"), 0);
    assert_string_equal(params.draft.reason, "x -H db2"); /* words of the reason, no option */
    assert_int_equal(door_text("text -H db2 request r --for 30m --reason x"), -EINVAL);
    assert_int_equal(door_text("text --at db2 request r --for 30m --reason x"), -EINVAL);
    assert_int_equal(door_text("text approve K7Q4M2XP9D3F --as alice"), -EINVAL);
    assert_int_equal(door_text("text approve ../../etc/shadow"), -EINVAL);
    assert_int_equal(door_text("text review K7Q4M2XP9D3F"), -EINVAL);
    assert_int_equal(door_text("text deny K7Q4-M2XP-9D3F"), 0);
    assert_null(params.draft.reason); /* the host knows how it stands */
}

static void a_flag_says_why(void **state)
{
    (void)state;
    assert_int_equal(door_text("text review K7Q4-M2XP-9D3F --verdict ok"), 0);
    assert_string_equal(params.draft.verdict, "ok");
    assert_int_equal(door_text("text review K7Q4-M2XP-9D3F --verdict flag"), -EINVAL);
    assert_int_equal(door_text("text review K7Q4-M2XP-9D3F --verdict flag --note why root"), 0);
    assert_string_equal(params.draft.note, "why root");
    assert_int_equal(door_text("text"), -EINVAL); /* and nothing is kept */
}

/* --- the table --- */

static size_t columns(const char *line, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)line[i] & 0xc0) != 0x80;
    return n;
}

static void help_fits_a_screen(void **state)
{
    (void)state;
    for (const struct verb *v = verbs; v->name; v++) {
        size_t lines = 2;

        assert_ptr_equal(verb_find(v->name), v);
        if (strlen("usage: breakglass  ") + strlen(v->name) + columns(v->arguments, strlen(v->arguments)) >
            80)
            fail_msg("%s: the usage line is too long", v->name);
        for (const char *p = v->help; *p; lines++) {
            size_t len = strcspn(p, "\n");

            if (columns(p, len) > 80)
                fail_msg("%s: a line of its help is too long: %.*s", v->name, (int)len, p);
            p += len + (p[len] == '\n');
        }
        if (lines > 23)
            fail_msg("%s: its help has %zu lines", v->name, lines);
    }
}

static void the_man_page_has_every_verb(void **state)
{
    static char page[100000];
    FILE *f = fopen(SRCDIR "/../packaging/man/breakglass.1", "re");

    (void)state;
    assert_non_null(f);
    page[fread(page, 1, sizeof(page) - 1, f)] = 0;
    assert_int_equal(fclose(f), 0);
    for (const struct verb *v = verbs; v->name; v++) {
        char entry[64];

        (void)snprintf(entry, sizeof(entry), "\n.It Cm %s", v->name);
        if (!strstr(page, entry))
            fail_msg("breakglass.1 does not have %s", v->name);
    }
}

/* --- the chain --- */

#define EVENTS 6

/* Events, and the memory of what they say. */
struct log {
    struct bg_event_row row[EVENTS];
    const struct bg_event_row *v[EVENTS];
    char prev[EVENTS][BG_DIGEST_HEX], digest[EVENTS][BG_DIGEST_HEX], seq[EVENTS][24];
    size_t n;
};

static void add_event(struct log *log, struct bg_chain *chain, const char *person)
{
    struct bg_event event = {.id = BG_EVENT_GRANT_OPEN, .time = NOW};
    struct bg_event_row *row = &log->row[log->n];

    event.field[BG_FIELD_PERSON] = person;
    bg_hex(log->prev[log->n], chain->digest);
    assert_int_equal(bg_chain_next(chain, &event), 0);
    bg_hex(log->digest[log->n], chain->digest);
    (void)snprintf(log->seq[log->n], sizeof(log->seq[log->n]), "%llu", (unsigned long long)chain->seq);
    bg_row_clear(&bg_event_type, row);
    row->event = "grant.open";
    row->time = NOW;
    row->person = person;
    row->seq = log->seq[log->n];
    row->prev = log->prev[log->n];
    row->digest = log->digest[log->n];
    log->v[log->n++] = row;
}

static void five_events(struct log *log)
{
    static const char *const people[] = {"a", "b", "c", "d", "e"};
    struct bg_chain chain = {0};

    log->n = 0;
    for (size_t i = 0; i < 5; i++)
        add_event(log, &chain, people[i]);
}

static void a_whole_chain(void **state)
{
    static struct log log;
    struct log_link first, last;
    struct bg_sentence finding;

    (void)state;
    five_events(&log);
    assert_int_equal(log_chain_check(log.v, 5, NULL, NULL, &finding), 0);
    assert_non_null(strstr(finding.text, "1 to 5"));
    /* Written twice by a broker that died in between; older ones rotated away. */
    log.v[5] = log.v[4];
    assert_int_equal(log_chain_check(log.v + 2, 4, NULL, NULL, &finding), 0);
    assert_non_null(strstr(finding.text, "3 to 5"));
    /* With what stands beside it. */
    assert_int_equal(log_chain_link(log.v[0], &first), 0);
    assert_int_equal(log_chain_link(log.v[4], &last), 0);
    assert_int_equal(log_chain_check(log.v + 1, 3, &first, &last, &finding), 0);
    assert_int_equal(log_chain_check(log.v + 2, 2, &first, &last, &finding), -EBADMSG);
    assert_int_equal(log_chain_check(log.v + 1, 2, &first, &last, &finding), -EBADMSG);
}

static void a_broken_chain(void **state)
{
    static struct log log;
    struct bg_sentence finding;
    struct bg_chain other = {.seq = 1};

    (void)state;
    five_events(&log);
    log.v[2] = log.v[3];
    log.v[3] = log.v[4];
    assert_int_equal(log_chain_check(log.v, 4, NULL, NULL, &finding), -EBADMSG);
    assert_non_null(strstr(finding.text, "event 4"));
    assert_non_null(strstr(finding.text, "a gap"));
    five_events(&log);
    log.row[1].person = "mallory";
    assert_int_equal(log_chain_check(log.v, 5, NULL, NULL, &finding), -EBADMSG);
    assert_non_null(strstr(finding.text, "event 2"));
    /* An event replaced by another that is whole in itself. */
    log.n = 0;
    add_event(&log, &(struct bg_chain){0}, "a");
    add_event(&log, &other, "b");
    assert_int_equal(log_chain_check(log.v, 2, NULL, NULL, &finding), -EBADMSG);
    assert_non_null(strstr(finding.text, "event 2"));
    assert_int_equal(log_chain_check(log.v, 0, NULL, NULL, &finding), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_in_any_place),
        cmocka_unit_test(options_that_are_wrong),
        cmocka_unit_test(numbers),
        cmocka_unit_test(destinations),
        cmocka_unit_test(honest_draft_is_taken),
        cmocka_unit_test(lies_are_seen),
        cmocka_unit_test(accounts_that_were_named),
        cmocka_unit_test(requests),
        cmocka_unit_test(requests_of_a_role),
        cmocka_unit_test(requests_elsewhere),
        cmocka_unit_test(recipes),
        cmocka_unit_test(recipes_are_safe_to_paste),
        cmocka_unit_test(recipes_fold),
        cmocka_unit_test(who_signed),
        cmocka_unit_test(a_list_fits_80_columns),
        cmocka_unit_test(hostile_text_stays_one_line),
        cmocka_unit_test(rows_of_wrong_types),
        cmocka_unit_test(keys_that_fit),
        cmocka_unit_test(door_words_join_reasons),
        cmocka_unit_test(door_words_are_bounded),
        cmocka_unit_test(door_lines),
        cmocka_unit_test(door_names_no_other_host),
        cmocka_unit_test(a_flag_says_why),
        cmocka_unit_test(help_fits_a_screen),
        cmocka_unit_test(the_man_page_has_every_verb),
        cmocka_unit_test(a_whole_chain),
        cmocka_unit_test(a_broken_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
