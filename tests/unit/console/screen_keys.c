/* SPDX-License-Identifier: ISC */
/* The console's table of keys: no key means two things in one place, everything has words, and nothing that
 * is typed is a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/cells.h"

#include "console/screen/terminal/keys.h"
#include "console/screen/terminal/terminal.h"

#include "policy/base/cleanup.h"

#define EVERYWHERE (~0U)

static const unsigned places[] = {
    MODE_GRANTS, MODE_EVENTS, MODE_RULES, MODE_DETAILS, MODE_PAGE, MODE_FORM,  MODE_APPROVE, MODE_CLOSE,
    MODE_REVIEW, MODE_PASTE,  MODE_WAIT,  MODE_FILTER,  MODE_TYPE, MODE_TOKEN, MODE_PASTED,  MODE_UNKNOWN};

/* Letters of the table do not count where letters are typed. */
static bool counts(const struct key_binding *b, unsigned where)
{
    return (b->where & where) != 0 && (!(where & MODE_TEXT) || b->key < 32 || b->key >= TERM_UP);
}

static void every_place_has_a_name(void **state)
{
    unsigned all = 0;

    (void)state;
    for (size_t i = 0; i < BG_COUNT(places); i++) {
        assert_int_not_equal(strlen(keys_where(places[i])), 0);
        all |= places[i];
    }
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++)
        assert_int_equal(b->where == EVERYWHERE ? 0 : b->where & ~all, 0);
}

/* What a place says of its own goes before what holds everywhere; else a key has one meaning. */
static void no_key_means_two_things(void **state)
{
    (void)state;
    for (size_t i = 0; i < BG_COUNT(places); i++)
        for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++) {
            if (!counts(b, places[i]))
                continue;
            if (keys_command(places[i], b->key) == b->command)
                continue;
            if (b->where != EVERYWHERE)
                fail_msg("%s means two things at %s", b->name, keys_where(places[i]));
        }
}

static void every_binding_is_reached(void **state)
{
    (void)state;
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++) {
        bool reached = false;

        for (size_t i = 0; i < BG_COUNT(places); i++)
            reached |= counts(b, places[i]) && keys_command(places[i], b->key) == b->command;
        assert_true(reached);
    }
}

static bool has_help(unsigned where, enum command command)
{
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++)
        if (b->command == command && counts(b, where) && b->help && b->name)
            return true;
    return false;
}

static void what_the_footer_says_has_help(void **state)
{
    (void)state;
    for (size_t i = 0; i < BG_COUNT(places); i++)
        for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++)
            if (b->word && counts(b, places[i])) {
                assert_non_null(b->name);
                if (!has_help(places[i], b->command))
                    fail_msg("%s %s at %s has no help", b->name, b->word, keys_where(places[i]));
            }
}

/* A name for the key, in this binding or in one before it. */
static void every_key_has_a_name(void **state)
{
    bool named[COMMANDS] = {false};

    (void)state;
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++) {
        named[b->command] |= b->name != NULL;
        assert_true(named[b->command]);
    }
}

static void what_is_typed_is_no_command(void **state)
{
    (void)state;
    for (size_t i = 0; i < BG_COUNT(places); i++)
        for (int key = 32; key < 0x3000 && (places[i] & MODE_TEXT); key++)
            assert_int_equal(keys_command(places[i], key), CMD_NOTHING);
    /* And what decides is no letter but in its own place. */
    for (size_t i = 0; i < BG_COUNT(places); i++)
        for (int key = 0; key < 256; key++) {
            enum command command = keys_command(places[i], key);

            if (command == CMD_YES)
                assert_true((places[i] & (MODE_CLOSE | MODE_UNKNOWN)) && key == 'y');
            if (command == CMD_HOST_SIGNED)
                assert_true(places[i] == MODE_FORM || places[i] == MODE_CLOSE);
            if (command == CMD_TAKE_IN)
                assert_int_equal(places[i], MODE_PASTE);
        }
}

/* Everywhere one gets out, gets help, and gets to the shell. */
static void one_gets_out_of_everything(void **state)
{
    (void)state;
    for (size_t i = 0; i < BG_COUNT(places); i++) {
        assert_int_equal(keys_command(places[i], TERM_CTRL('C')), CMD_QUIT);
        assert_int_equal(keys_command(places[i], TERM_ESCAPE), CMD_BACK);
        assert_int_equal(keys_command(places[i], TERM_F1), CMD_HELP);
        assert_int_equal(keys_command(places[i], TERM_CTRL('L')), CMD_REDRAW);
        assert_int_equal(keys_command(places[i], TERM_CTRL('Z')), CMD_SUSPEND);
        assert_int_equal(keys_command(places[i], KEY_NOTHING), CMD_NOTHING);
        assert_int_equal(keys_command(places[i], 0), CMD_NOTHING);
    }
}

/* --- the footer --- */

static bool nothing_about_grants(void *arg, enum command command)
{
    (void)arg;
    return command != CMD_APPROVE && command != CMD_DENY && command != CMD_REVOKE;
}

static void the_footer_fits_every_width(void **state)
{
    struct canvas c = {.utf8 = true};
    char row[1024];

    (void)state;
    for (size_t i = 0; i < BG_COUNT(places); i++)
        for (int cols = 1; cols < 220; cols++) {
            assert_int_equal(canvas_resize(&c, 1, cols), 0);
            keys_footer(&c, 0, places[i], NULL, NULL);
            assert_null(cells_wrong(&c));
            assert_null(
                strstr(cells_row(&c, 0, 0, row, sizeof(row)), "…")); /* words are whole or not there */
        }
    assert_int_equal(canvas_resize(&c, 1, 200), 0);
    keys_footer(&c, 0, MODE_GRANTS, NULL, NULL);
    assert_non_null(strstr(cells_row(&c, 0, 0, row, sizeof(row)), "a approve  d deny  r revoke"));
    canvas_clear(&c);
    keys_footer(&c, 0, MODE_GRANTS, nothing_about_grants, NULL);
    assert_null(strstr(cells_row(&c, 0, 0, row, sizeof(row)), "approve"));
    canvas_free(&c);
}

static void names_of_keys_are_bounded(void **state)
{
    char names[64];

    (void)state;
    keys_names(names, sizeof(names), MODE_GRANTS, CMD_DOWN);
    assert_string_equal(names, "j, Down");
    keys_names(names, sizeof(names), MODE_FORM, CMD_DOWN);
    assert_string_equal(names, "Down");
    keys_names(names, sizeof(names), MODE_FORM, CMD_APPROVE);
    assert_string_equal(names, "");
    for (size_t size = 1; size < 12; size++) {
        memset(names, 'x', sizeof(names));
        keys_names(names, size, MODE_GRANTS, CMD_DOWN);
        assert_true(strlen(names) < size);
        assert_int_equal(names[size], 'x');
    }
}

/* --- the list for the man page --- */

static char *manual(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    keys_print_manual(to);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void the_manual_is_mdoc(void **state)
{
    static const char *const macros[] = {".Ss ", ".Bl -tag -width Shift-Tab -compact", ".It Sy ", ".El"};
    bg_free_ char *text = manual();
    int open = 0;

    (void)state;
    for (char *p = text, *line; *p && (line = strsep(&p, "\n"));) {
        bool known = line[0] != '.';

        for (size_t i = 0; i < BG_COUNT(macros); i++)
            known |= strncmp(line, macros[i], strlen(macros[i])) == 0;
        assert_true(known);
        assert_true(line[0] && line[0] != '\'' && !strchr(line, '\\') && bg_is_clean(line, strlen(line)));
        open += strncmp(line, ".Bl", 3) == 0;
        open -= strncmp(line, ".El", 3) == 0;
        assert_true(open == 0 || open == 1);
        if (!p)
            break;
    }
    assert_int_equal(open, 0);
}

static bool section_has(const char *text, const char *name, const char *item)
{
    char head[64];
    const char *from, *to;

    (void)snprintf(head, sizeof(head), ".Ss %s\n", name);
    from = strstr(text, head);
    if (!from)
        fail_msg("no section \"%s\"", name);
    to = strstr(from, ".El");
    from = strstr(from, item);
    return from && from < to;
}

/* In the section of the place, or in that of what is the same wherever one reads. */
static void the_manual_has_every_key_of_every_place(void **state)
{
    bg_free_ char *text = manual();

    (void)state;
    for (size_t i = 0; i < BG_COUNT(places); i++)
        for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++) {
            char item[512];

            if (!b->help || !b->name || !counts(b, places[i]))
                continue;
            (void)snprintf(item, sizeof(item), ".It Sy %s\n%s\n", b->name, b->help);
            if (b->where == EVERYWHERE)
                assert_true(section_has(text, "Everywhere", item));
            else
                assert_true(
                    section_has(text, keys_where(places[i]), item) ||
                    ((places[i] & ~(unsigned)MODE_TEXT) && section_has(text, "Wherever one reads", item)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_has_a_name),
        cmocka_unit_test(no_key_means_two_things),
        cmocka_unit_test(every_binding_is_reached),
        cmocka_unit_test(what_the_footer_says_has_help),
        cmocka_unit_test(every_key_has_a_name),
        cmocka_unit_test(what_is_typed_is_no_command),
        cmocka_unit_test(one_gets_out_of_everything),
        cmocka_unit_test(the_footer_fits_every_width),
        cmocka_unit_test(names_of_keys_are_bounded),
        cmocka_unit_test(the_manual_is_mdoc),
        cmocka_unit_test(the_manual_has_every_key_of_every_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
