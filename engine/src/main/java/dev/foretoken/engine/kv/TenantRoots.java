package dev.foretoken.engine.kv;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The root of each tenant's prefixes, numbered from 0. A root lives as long as anybody uses it: an open session, or a first
 * page that is still cached. Their number is bounded by both, so tenants that are gone leave nothing behind.
 */
final class TenantRoots {
    private final Map<CacheTenant, Integer> rootByTenant = new HashMap<>();
    private final @Nullable CacheTenant[] tenant;
    private final int[] users;
    private final int[] freeRoot;
    private int freeCount;

    TenantRoots(int rootsMax) {
        tenant = new CacheTenant[rootsMax];
        users = new int[rootsMax];
        freeRoot = new int[rootsMax];
        for (int i = 0; i < rootsMax; i++) {
            freeRoot[i] = rootsMax - 1 - i;
        }
        freeCount = rootsMax;
    }

    /** The tenant's root, with one more user. */
    int enter(CacheTenant who) {
        Integer known = rootByTenant.get(who);
        if (known != null) {
            users[known]++;
            return known;
        }
        int root = freeRoot[freeCount - 1];
        rootByTenant.put(who, root);
        freeCount--;
        tenant[root] = who;
        users[root] = 1;
        return root;
    }

    void addUser(int root) {
        users[root]++;
    }

    void removeUser(int root) {
        assert users[root] > 0 : "root=" + root;
        if (--users[root] == 0) {
            rootByTenant.remove(tenant[root]);
            tenant[root] = null;
            freeRoot[freeCount++] = root;
        }
    }

    int users(int root) {
        return users[root];
    }

    /** Roots in use. */
    int count() {
        return rootByTenant.size();
    }
}
