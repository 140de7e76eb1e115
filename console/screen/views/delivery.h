/* The old names of data/delivery.h. */
#pragma once

#include "console/screen/data/delivery.h"

#define BRING_APPROVAL DELIVER_APPROVAL
#define BRING_CLOSE DELIVER_CLOSE
#define BRING_REVIEW DELIVER_REVIEW
