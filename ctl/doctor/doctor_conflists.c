// SPDX-License-Identifier: Apache-2.0
/* The runtime's lists: is ringfence called for new pods, at the right place, with keys that it
 * takes? */
#include "ctl/conflist/conflist.h"
#include "ctl/doctor/doctor.h"
#include "ctl/conflist/plugin_place.h"
#include "netconf/cleanup.h"

#include <limits.h>
#include <string.h>

struct survey {
	struct doctor *doctor;
	bool is_active; /* the list that is looked at is the one that runtimes use */
	bool is_called; /* the active one has ringfence, */
	bool is_broken; /* or is none */
};

static bool is_list_name(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strcmp(dot, ".conflist");
}

static void check_name(const struct survey *survey, const struct conflist_file *file,
		       const char *path)
{
	if (!is_list_name(path))
		doctor_fix(doctor_find(survey->doctor,
				       survey->is_active ? FINDING_FAULT : FINDING_WARNING,
				       "%s is a list, but runtimes take what is called so for one "
				       "plugin's configuration",
				       path),
			   "mv %s %.*s.conflist", path, (int)(strrchr(path, '.') - path), path);
	if (rf_conflist_find(&file->list, RF_PLUGIN_TYPE, NULL) > 1)
		doctor_why(doctor_find(survey->doctor, FINDING_FAULT,
				       "%s has ringfence several times", path),
			   "each pod would be added as often, and be under the last one's policy");
}

/* Plugins that make the pod's interface must be before it. */
static void check_order(const struct survey *survey, const struct conflist_file *file, size_t place,
			const char *path)
{
	const struct rf_conflist *list = &file->list;
	bool is_found = false;
	cJSON *finding;

	for (size_t i = 0; i < place; i++)
		is_found |= plugin_makes_veth(list->plugins[i].type);
	for (size_t i = place + 1; i < list->count && !is_found; i++) {
		if (!plugin_makes_veth(list->plugins[i].type))
			continue;
		finding = doctor_find(survey->doctor, FINDING_FAULT,
				      "%s has ringfence before %s, which makes the interface", path,
				      list->plugins[i].type);
		doctor_why(finding, "every ADD fails: there is no interface yet");
		doctor_fix(finding, "ringfencectl uninstall %s && ringfencectl install %s", path,
			   path);
		return;
	}
	if (is_found)
		return;
	finding = doctor_find(survey->doctor, place ? FINDING_WARNING : FINDING_FAULT,
			      place ? "%s: no plugin before ringfence is known to give pods a veth"
				    : "%s: no plugin is before ringfence",
			      path);
	doctor_why(finding, "if none does, every ADD fails");
	doctor_fix(finding, "put it behind one such as bridge, ptp or flannel");
}

static void check_entries(struct survey *survey, const struct conflist_file *file, const char *path)
{
	const struct rf_conflist *list = &file->list;
	const cJSON *plugin = cJSON_GetObjectItemCaseSensitive(list->json, "plugins")->child;

	for (size_t i = 0; i < list->count; i++, plugin = plugin->next) {
		const char *directory =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(plugin, "policyDir"));
		struct rf_error error = {};

		if (strcmp(list->plugins[i].type, RF_PLUGIN_TYPE) != 0)
			continue;
		if (rf_conflist_check(list, i, &error)) {
			rf_error_context(&error, "%s: plugins[%zu]", path, i);
			doctor_why(doctor_find_error(survey->doctor, FINDING_FAULT, &error),
				   "every ADD fails, and with it each new pod");
		} else if (directory) {
			doctor_check_documents(survey->doctor, directory);
		}
	}
}

static bool is_ringfence_alone(const struct conflist_file *file)
{
	_cleanup_json_ cJSON *json = file->text ? cJSON_Parse(file->text) : NULL;
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "type"));

	return type && !strcmp(type, RF_PLUGIN_TYPE);
}

static void look_at(struct survey *survey, const char *path)
{
	_cleanup_conflist_file_ struct conflist_file file = CONFLIST_FILE_NONE;
	struct rf_error error = {};
	size_t place;
	int ret = conflist_open(path, false, &file, &error);

	/* What is no list, and need not be one. */
	if (ret && !is_list_name(path) && !survey->is_active && !is_ringfence_alone(&file))
		return;
	if (ret) {
		survey->is_broken |= survey->is_active;
		doctor_find_error(survey->doctor,
				  survey->is_active || is_ringfence_alone(&file) ? FINDING_FAULT
										 : FINDING_WARNING,
				  &error);
		return;
	}
	if (!rf_conflist_find(&file.list, RF_PLUGIN_TYPE, &place))
		return;
	survey->is_called |= survey->is_active;
	check_name(survey, &file, path);
	check_order(survey, &file, place, path);
	check_entries(survey, &file, path);
}

void doctor_check_conflists(struct doctor *doctor)
{
	struct survey survey = {.doctor = doctor, .is_active = true};
	struct rf_error error = {};
	_cleanup_free_ char *active = NULL;
	char **names = NULL;
	size_t count = 0;

	if (conflist_find_active(doctor->directory, &active, &error) ||
	    conflist_names(doctor->directory, &names, &count, &error)) {
		doctor_why(doctor_find_error(doctor, FINDING_WARNING, &error),
			   "a runtime has no network to add pods to");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%.2048s/%s", doctor->directory, names[i]);
		look_at(&survey, path);
		survey.is_active = false;
	}
	conflist_names_free(names, count);
	if (survey.is_called)
		doctor_find(doctor, FINDING_OK, "%s calls ringfence", active);
	else if (!survey.is_broken)
		doctor_fix(doctor_find(doctor, FINDING_FAULT,
				       "%s, which runtimes use, does not call ringfence: new pods "
				       "are not protected",
				       active),
			   "ringfencectl install %s", active);
}
