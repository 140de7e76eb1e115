/* SPDX-License-Identifier: ISC */
/* What is typed in the form, sent: drafted by a host, checked and signed here; or signed by each host. */
#include "console/screen/views/request_form.h"

#include "console/screen/data/delivery.h"
#include "console/screen/data/unknown_hosts.h"
#include "console/screen/views/signing.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The names that are typed, each once. 0 or -ENOMEM. */
static int take_hosts(struct request_form *form)
{
    bg_free_ char *copy = strdup(form->field[REQUEST_HOSTS].text);
    struct bg_list *hosts = &form->terms.hosts;
    int r = copy ? 0 : -ENOMEM;

    for (char *p = copy, *name; r >= 0 && p && (name = strsep(&p, ", "));)
        if (*name && !bg_list_has(hosts, name))
            r = bg_list_add(hosts, name, strlen(name));
    return r;
}

/* Names that no host here has, and that the role does not name in full: they may be misspelt. To be freed;
 * NULL: there are none. */
static char *unknown_names(struct request_form *form)
{
    struct bg_list others bg_cleanup_(bg_list_free) = {0}, unknown bg_cleanup_(bg_list_free) = {0};

    (void)unknown_hosts_add(&others, form->view.frame, &form->terms.hosts);
    for (size_t i = 0; i < others.n; i++)
        if (!strings_has(&request_form_role(form)->hosts, others.v[i]))
            (void)bg_list_add(&unknown, others.v[i], strlen(others.v[i]));
    return unknown.n ? bg_list_join(&unknown) : NULL;
}

/* False: nobody here knows a name, and that is said for the first time. */
static bool are_known(struct request_form *form)
{
    bg_free_ char *names = form->warned ? NULL : unknown_names(form);

    if (names)
        frame_say(form->view.frame, STYLE_WAITS,
                  "no host here is called %s; press Enter again to send it anyway", names);
    form->warned = form->warned || names;
    return !names;
}

/* The terms as they stand in the form. False: what is wrong was said, and the cursor is there. */
static bool take_terms(struct request_form *form)
{
    const struct bg_role_row *role = request_form_role(form);
    const struct field *f = form->field;
    enum request_field bad;
    struct bg_sentence err = {0};

    request_terms_free(&form->terms);
    form->terms = (struct request_terms){.role = role ? role->name : NULL,
                                         .duration_text = f[REQUEST_DURATION].text,
                                         .reason = f[REQUEST_REASON].text,
                                         .ticket = f[REQUEST_TICKET].text};
    if (take_hosts(form) < 0)
        return false;
    if (request_terms_check(&form->terms, role, &bad, &err) >= 0)
        return are_known(form);
    frame_say(form->view.frame, STYLE_WAITS, "%s", err.text);
    if (bad < REQUEST_FIELDS)
        request_form_go(form, (int)bad);
    return false;
}

static void deliver(struct request_form *form, struct delivery_params params)
{
    params.what = DELIVER_REQUEST;
    form->sent = true;
    delivery_open(form->view.frame, &params);
}

static void on_draft(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct request_form *form = arg;
    struct frame *frame = form->view.frame;
    struct bg_statement st = {0};
    struct bg_bundle_item item = {0};
    struct bg_sentence err = {0};

    form->drafting = false;
    frame->dirty = true;
    if (r < 0)
        (void)bg_fail(&err, r, "%s", sentence);
    else
        r = request_terms_match(&form->terms, frame_person(frame), bg_now(), reply->text, &st, &err);
    if (r < 0)
        frame_say(frame, STYLE_BAD, "%s: %s", frame->model.host[host].name, err.text);
    else if (signing(frame, &st, &item, &err) >= 0)
        deliver(form, (struct delivery_params){.request_text = &st, .said = &item});
    else
        frame_say(frame, STYLE_BAD, "nothing was signed; Ctrl-O lets the hosts sign for you");
    bg_statement_free(&st);
}

/* One of the hosts that are connected already, else the first. */
static int drafter(struct request_form *form)
{
    const struct bg_list *hosts = &form->terms.hosts;
    struct frame *frame = form->view.frame;

    for (size_t i = 0; i < hosts->n; i++) {
        int host = model_find_host(&frame->model, hosts->v[i]);

        if (host >= 0 && frame->model.host[host].state == HOST_UP)
            return host;
    }
    return live_reach(frame->live, hosts->v[0]);
}

/* A host drafts it, in its own time and with all that the role opens; we check and sign what it drafted. */
static void draft(struct request_form *form)
{
    struct frame *frame = form->view.frame;
    struct bg_draft_row row;
    int host;

    if (frame_nobody(frame))
        return;
    host = drafter(form);
    if (host < 0) {
        frame_say(frame, STYLE_BAD, "none of these hosts can be reached");
        return;
    }
    row = request_terms_draft(&form->terms);
    row.by = frame_person(frame);
    form->drafting = true;
    live_call(frame->live, (size_t)host,
              &(struct call_args){BG_METHOD_DRAFT, .text = {bg_kind_name(BG_REQUEST)}, .draft = &row}, form,
              on_draft, form);
}

void request_form_send(struct request_form *form)
{
    if (form->drafting || !take_terms(form))
        return;
    if (request_form_sign_yourself(form) && form->host_signed)
        frame_say(form->view.frame, STYLE_BAD,
                  "no host signs a request for this role; Ctrl-O takes your key");
    else if (request_form_sign_yourself(form))
        (void)frame_open(form->view.frame, VIEW_SIGN_ELSEWHERE, &(struct view_params){.terms = &form->terms});
    else if (request_form_hosts_sign(form))
        deliver(form, (struct delivery_params){.terms = &form->terms});
    else
        draft(form);
}
