#pragma once

int verb_approve(int argc, char **argv);
