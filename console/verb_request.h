#pragma once

int verb_request(int argc, char **argv);
int verb_extend(int argc, char **argv);
